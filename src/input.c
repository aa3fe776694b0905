/* SPDX-License-Identifier: MIT */
#include "input.h"

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_plain(struct input *input, void *buffer, size_t size)
{
	ssize_t n = read_some(input->fd, buffer, size);

	if (n < 0)
		complain_errno(input->place.name, errno);
	return n;
}

#ifdef WITH_ZSTD

#include <zstd.h>

struct zstd {
	ZSTD_DStream *stream;
	bool inside; /* whether a frame has begun and has output left */
	ZSTD_inBuffer in;
	char bytes[sizeof(((struct input *)NULL)->buffer)];
};

static ssize_t read_zstd(struct input *input, void *buffer, size_t size)
{
	struct zstd *zstd = input->zstd;
	ZSTD_outBuffer out = {.dst = buffer, .size = size, .pos = 0};

	while (out.pos == 0) {
		bool more = zstd->in.pos < zstd->in.size;
		size_t left;

		if (!more) {
			ssize_t n = read_plain(input, zstd->bytes, sizeof(zstd->bytes));

			if (n < 0)
				return -1;
			more = n > 0;
			zstd->in.size = (size_t)n;
			zstd->in.pos = 0;
		}
		if (!more && !zstd->inside)
			return 0;
		/* At the end of the file the stream may still hold output. */
		left = ZSTD_decompressStream(zstd->stream, &out, &zstd->in);
		if (ZSTD_isError(left)) {
			complain_of(input->place.name, "zstd: ", ZSTD_getErrorName(left));
			return -1;
		}
		zstd->inside = left != 0;
		if (!more && zstd->inside && out.pos == 0) {
			complain_of(input->place.name, "zstd: the last frame is cut off");
			return -1;
		}
	}
	return (ssize_t)out.pos;
}

/* Starts to decompress, from the bytes in the buffer on. */
static bool begin_zstd(struct input *input)
{
	struct zstd *zstd = calloc(1, sizeof(*zstd));

	if (zstd != NULL)
		zstd->stream = ZSTD_createDStream();
	if (zstd == NULL || zstd->stream == NULL) {
		free(zstd);
		return complain_of(input->place.name, "zstd: ", strerror(ENOMEM));
	}
	memcpy(zstd->bytes, input->buffer, input->end);
	zstd->in = (ZSTD_inBuffer){.src = zstd->bytes, .size = input->end};
	input->end = 0;
	input->at_end = false;
	input->zstd = zstd;
	input->read = read_zstd;
	return true;
}

static void end_zstd(struct input *input)
{
	if (input->zstd != NULL)
		ZSTD_freeDStream(input->zstd->stream);
	free(input->zstd);
}

#else

static bool begin_zstd(struct input *input)
{
	return complain_of(input->place.name,
			   "compressed with zstd, which this build cannot read; decompress it "
			   "first, or use a chroot-paths built with ZSTD=1");
}

static void end_zstd(struct input *input)
{
	(void)input;
}

#endif

/* Reads until the buffer has a whole line, PATH_MAX bytes, or all. False after a complaint. */
static bool fill(struct input *input)
{
	size_t left;

	while ((left = input->end - input->next) < PATH_MAX && !input->at_end &&
	       memchr(input->buffer + input->next, '\n', left) == NULL) {
		/* One byte is kept for the NUL after a last line without a newline. */
		size_t room = sizeof(input->buffer) - 1 - left;
		ssize_t n;

		memmove(input->buffer, input->buffer + input->next, left);
		n = input->read(input, input->buffer + left, room);
		if (n < 0)
			return false;
		input->next = 0;
		input->end = left + (size_t)n;
		input->at_end = n == 0;
	}
	return true;
}

/* RFC 8878, sections 3.1.1 and 3.1.2: little-endian 0xFD2FB528, and 0x184D2A50 to 0x184D2A5F. */
static bool starts_frame(const char *head, size_t size)
{
	return size >= 4 &&
	       (memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0 ||
		((head[0] & 0xf0) == 0x50 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0));
}

bool input_open(struct input *input, const char *file)
{
	bool standard_input = strcmp(file, "-") == 0;

	input->place = (struct place){standard_input ? "standard input" : file, 0};
	input->next = input->end = 0;
	input->at_end = false;
	input->zstd = NULL;
	input->read = read_plain;
	input->fd = standard_input ? STDIN_FILENO : open_file(file, O_RDONLY | O_NOCTTY);
	if (input->fd < 0)
		return complain_errno(input->place.name, errno);
	if (fill(input) && (!starts_frame(input->buffer, input->end) || begin_zstd(input)))
		return true;
	input_close(input);
	return false;
}

int input_line(struct input *input, const char **line)
{
	char *first, *last, *end;

	input->place.line++;
	if (!fill(input))
		return -1;
	first = input->buffer + input->next;
	end = input->buffer + input->end;
	if (first == end)
		return 0;
	last = memchr(first, '\n', (size_t)(end - first));
	if (last == NULL)
		last = end;
	if (last - first >= PATH_MAX) {
		complain(input->place, "longer than 4095 bytes, the limit for a path");
		return -1;
	}
	*last = '\0';
	*line = first;
	input->next += (size_t)(last - first) + (last < end);
	if (first + strlen(first) == last)
		return 1;
	complain(input->place, "contains a NUL byte");
	return -1;
}

void input_close(struct input *input)
{
	end_zstd(input);
	/* Nothing was written, so a failure loses nothing. */
	if (input->fd != STDIN_FILENO)
		close(input->fd);
}
