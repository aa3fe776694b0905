/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "complain.h"
#include "io.h"
#include "zstd_frames.h"

#include <errno.h>
#include <string.h>

/* RFC 8878, sections 3.1.1 and 3.1.2: little-endian 0xFD2FB528, and 0x184D2A50 to ...5F. */
static bool starts_frame(const unsigned char head[4])
{
	return memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0 ||
	       ((head[0] & 0xf0) == 0x50 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0);
}

/* The first bytes, at least 4 of them unless the input is shorter, to tell what it is. */
static ssize_t read_head(int fd, char *buffer, size_t size)
{
	size_t have = 0;

	while (have < 4) {
		ssize_t n = read_some(fd, buffer + have, size - have);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

ssize_t bytes_read(struct bytes *bytes, void *buffer, size_t size)
{
	ssize_t n;

	if (bytes->zstd != NULL)
		return zstd_read(bytes->zstd, buffer, size);
	n = bytes->begun ? read_some(bytes->fd, buffer, size) : read_head(bytes->fd, buffer, size);
	if (n < 0) {
		complain_errno(bytes->name, errno);
		return -1;
	}
	if (!bytes->begun && n >= 4 && starts_frame(buffer)) {
		bytes->zstd = zstd_begin(bytes->fd, bytes->name, buffer, (size_t)n);
		if (bytes->zstd == NULL)
			return -1;
		return zstd_read(bytes->zstd, buffer, size);
	}
	bytes->begun = true;
	return n;
}

void bytes_end(struct bytes *bytes)
{
	zstd_end(bytes->zstd);
	bytes->zstd = NULL;
}
