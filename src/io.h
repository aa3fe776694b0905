/* SPDX-License-Identifier: MIT */
/*
 * open(2), read(2) and write(2) with EINTR retried.
 */
#ifndef IO_H
#define IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Opens FILE for reading. Returns the caller's descriptor; -1 and errno. */
int open_input(const char *file);

/* As read(2): the number of bytes, which may be less than SIZE; 0 at the end; -1 and
 * errno. */
ssize_t read_some(int fd, void *buffer, size_t size);

/* Writes all SIZE bytes. False: not all were written, and errno says why. */
bool write_all(int fd, const void *bytes, size_t size);

#endif
