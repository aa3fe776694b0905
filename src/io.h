/* SPDX-License-Identifier: MIT */
/*
 * open(2), read(2) and write(2), repeated after EINTR.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* As open(2), with O_CLOEXEC. Returns a descriptor, or -1 with errno set. */
int open_file(const char *file, int flags);

/* As read(2): returns the number of bytes, 0 at the end, or -1 with errno set. */
ssize_t read_some(int fd, void *buffer, size_t size);

/* Writes all SIZE bytes. Returns false with errno set if it cannot. */
bool write_all(int fd, const void *bytes, size_t size);
