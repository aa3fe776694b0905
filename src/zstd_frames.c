/* SPDX-License-Identifier: MIT */
#include "zstd_frames.h"

#include "complain.h"

#ifdef WITH_ZSTD

#include "io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

struct zstd {
	int fd;
	const char *name;
	ZSTD_DStream *stream;
	bool inside; /* a frame has begun and is not decoded and handed out to its end */
	ZSTD_inBuffer in;
	char bytes[ZSTD_HEAD_LARGEST];
};

static struct zstd *fail(struct zstd *zstd, const char *name, const char *why)
{
	complain_of(name, "zstd: ", why);
	zstd_end(zstd);
	return NULL;
}

struct zstd *zstd_begin(int fd, const char *name, const void *head, size_t size)
{
	struct zstd *zstd = malloc(sizeof(*zstd));

	if (zstd == NULL)
		return fail(NULL, name, strerror(errno));
	zstd->stream = ZSTD_createDStream();
	if (zstd->stream == NULL || size > sizeof(zstd->bytes))
		return fail(zstd, name, strerror(ENOMEM));
	zstd->fd = fd;
	zstd->name = name;
	zstd->inside = false;
	memcpy(zstd->bytes, head, size);
	zstd->in = (ZSTD_inBuffer){.src = zstd->bytes, .size = size, .pos = 0};
	return zstd;
}

/* Returns 1 where there is more input, 0 at its end, -1 after a complaint. */
static int refill(struct zstd *zstd)
{
	ssize_t n = read_some(zstd->fd, zstd->bytes, sizeof(zstd->bytes));

	if (n < 0) {
		complain_errno(zstd->name, errno);
		return -1;
	}
	zstd->in.size = (size_t)n;
	zstd->in.pos = 0;
	return n > 0;
}

ssize_t zstd_read(struct zstd *zstd, void *buffer, size_t size)
{
	ZSTD_outBuffer out = {.dst = buffer, .size = size, .pos = 0};

	while (out.pos == 0) {
		int more = zstd->in.pos < zstd->in.size ? 1 : refill(zstd);
		size_t left;

		if (more < 0)
			return -1;
		if (!more && !zstd->inside)
			return 0;
		/* At the end of the input the stream may still hold output. */
		left = ZSTD_decompressStream(zstd->stream, &out, &zstd->in);
		if (ZSTD_isError(left)) {
			complain_of(zstd->name, "zstd: ", ZSTD_getErrorName(left));
			return -1;
		}
		zstd->inside = left != 0;
		if (!more && zstd->inside && out.pos == 0) {
			complain_of(zstd->name, "zstd: cut off, the last frame is not complete");
			return -1;
		}
	}
	return (ssize_t)out.pos;
}

void zstd_end(struct zstd *zstd)
{
	if (zstd != NULL)
		ZSTD_freeDStream(zstd->stream);
	free(zstd);
}

#else

struct zstd *zstd_begin(int fd, const char *name, const void *head, size_t size)
{
	(void)fd, (void)head, (void)size;
	complain_of(name,
		    "compressed with zstd, which this build cannot read; decompress it first, or "
		    "use a chroot-paths built with ZSTD=1");
	return NULL;
}

ssize_t zstd_read(struct zstd *zstd, void *buffer, size_t size)
{
	(void)zstd, (void)buffer, (void)size;
	return -1;
}

void zstd_end(struct zstd *zstd)
{
	(void)zstd;
}

#endif
