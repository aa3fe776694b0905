/* SPDX-License-Identifier: MIT */
#include "input.h"

#include "io.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool input_open(struct input *input, const char *file)
{
	bool standard_input = strcmp(file, "-") == 0;

	input->place = (struct place){standard_input ? "standard input" : file, 0};
	input->length = input->next = input->end = 0;
	input->begun = input->at_end = false;
	input->zstd = NULL;
	input->fd = standard_input ? STDIN_FILENO : open_input(file);
	return input->fd >= 0 || complain_errno(input->place.name, errno);
}

static ssize_t read_plain(const struct input *input, void *buffer, size_t size)
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
	bool inside; /* a frame has begun, and is not decoded and handed out to its end */
	ZSTD_inBuffer in;
	char bytes[sizeof(((struct input *)NULL)->buffer)];
};

/* Begins to decompress, with the first SIZE bytes, in HEAD, read already. */
static bool begin_zstd(struct input *input, const void *head, size_t size)
{
	struct zstd *zstd = malloc(sizeof(*zstd));

	if (zstd != NULL)
		zstd->stream = ZSTD_createDStream();
	if (zstd == NULL || zstd->stream == NULL) {
		free(zstd);
		return complain_of(input->place.name, "zstd: ", strerror(ENOMEM));
	}
	zstd->inside = false;
	memcpy(zstd->bytes, head, size);
	zstd->in = (ZSTD_inBuffer){.src = zstd->bytes, .size = size, .pos = 0};
	input->zstd = zstd;
	return true;
}

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
		/* At the end of the input the stream may still hold output. */
		left = ZSTD_decompressStream(zstd->stream, &out, &zstd->in);
		if (ZSTD_isError(left)) {
			complain_of(input->place.name, "zstd: ", ZSTD_getErrorName(left));
			return -1;
		}
		zstd->inside = left != 0;
		if (!more && zstd->inside && out.pos == 0) {
			complain_of(input->place.name,
				    "zstd: cut off, the last frame is not complete");
			return -1;
		}
	}
	return (ssize_t)out.pos;
}

static void end_zstd(struct input *input)
{
	if (input->zstd != NULL)
		ZSTD_freeDStream(input->zstd->stream);
	free(input->zstd);
}

#else

static bool begin_zstd(struct input *input, const void *head, size_t size)
{
	(void)head, (void)size;
	return complain_of(input->place.name,
			   "compressed with zstd, which this build cannot read; decompress it "
			   "first, or use a chroot-paths built with ZSTD=1");
}

static ssize_t read_zstd(struct input *input, void *buffer, size_t size)
{
	(void)input, (void)buffer, (void)size;
	return -1;
}

static void end_zstd(struct input *input)
{
	(void)input;
}

#endif

/* RFC 8878, sections 3.1.1 and 3.1.2: little-endian 0xFD2FB528, and 0x184D2A50 to ...5F. */
static bool starts_frame(const char head[4])
{
	return memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0 ||
	       ((head[0] & 0xf0) == 0x50 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0);
}

/* As read_bytes(), for the first bytes: at least 4, unless there are fewer, tell what they are. */
static ssize_t read_head(struct input *input, char *buffer, size_t size)
{
	size_t have = 0;
	ssize_t n;

	input->begun = true;
	do {
		n = read_plain(input, buffer + have, size - have);
		if (n < 0)
			return -1;
		have += (size_t)n;
	} while (n > 0 && have < 4);
	if (have < 4 || !starts_frame(buffer))
		return (ssize_t)have;
	return begin_zstd(input, buffer, have) ? read_zstd(input, buffer, size) : -1;
}

/*
 * Reads at most SIZE bytes, SIZE being at least 4, decompressed where they are compressed. Returns
 * their number, 0 at the end, or -1 after a complaint.
 */
static ssize_t read_bytes(struct input *input, char *buffer, size_t size)
{
	if (!input->begun)
		return read_head(input, buffer, size);
	return input->zstd != NULL ? read_zstd(input, buffer, size)
				   : read_plain(input, buffer, size);
}

/* Moves what is left to the front and reads more behind it. False after a complaint. */
static bool refill(struct input *input)
{
	size_t left = input->end - input->next;
	ssize_t n;

	memmove(input->buffer, input->buffer + input->next, left);
	input->next = 0;
	input->end = left;
	/* One byte stays free for the NUL after a last line without a newline. */
	n = read_bytes(input, input->buffer + left, sizeof(input->buffer) - 1 - left);
	if (n < 0)
		return false;
	input->end += (size_t)n;
	input->at_end = n == 0;
	return true;
}

/* Where the next line ends: at its newline, at the end of the input, or NULL: not read yet. */
static char *line_end(struct input *input)
{
	char *first = input->buffer + input->next;
	char *newline = memchr(first, '\n', input->end - input->next);

	if (newline == NULL && input->at_end)
		return input->buffer + input->end;
	return newline;
}

int input_line(struct input *input, const char **line)
{
	char *first, *last;

	input->place.line++;
	while ((last = line_end(input)) == NULL) {
		if (input->end - input->next >= PATH_MAX)
			break;
		if (!refill(input))
			return -1;
	}
	first = input->buffer + input->next;
	if (last == NULL || last - first >= PATH_MAX) {
		complain(input->place, "longer than the 4095 bytes of the longest path");
		return -1;
	}
	if (last == input->buffer + input->end) {
		if (last == first)
			return 0;
		input->next = input->end;
	} else {
		input->next = (size_t)(last - input->buffer) + 1;
	}
	*last = '\0';
	input->length = (size_t)(last - first);
	if (strlen(first) != input->length) {
		complain(input->place, "has a NUL byte");
		return -1;
	}
	*line = first;
	return 1;
}

void input_close(struct input *input)
{
	end_zstd(input);
	/* Nothing was written, so nothing is lost if this fails. */
	if (input->fd != STDIN_FILENO)
		close(input->fd);
}
