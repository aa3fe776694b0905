/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

static size_t read_plain(struct input *input, void *buffer, size_t size)
{
	ssize_t n = read(input->fd, buffer, size);

	if (n < 0)
		die_errno(input->place.name);
	return (size_t)n;
}

#ifdef WITH_ZSTD

static size_t read_zstd(struct input *input, void *buffer, size_t size)
{
	ZSTD_outBuffer out = {.dst = buffer, .size = size, .pos = 0};

	while (out.pos == 0) {
		size_t left;

		if (input->in.pos == input->in.size) {
			input->in.size =
				read_plain(input, input->compressed, sizeof(input->compressed));
			input->in.pos = 0;
			if (input->in.size == 0 && !input->in_frame)
				return 0;
		}
		/* At the end of the file the stream may still hold output. */
		left = ZSTD_decompressStream(input->zstd, &out, &input->in);
		if (ZSTD_isError(left))
			die(input->place.name, "zstd: ", ZSTD_getErrorName(left));
		input->in_frame = left != 0;
		if (input->in.size == 0 && input->in_frame && out.pos == 0)
			die(input->place.name, "zstd: the last frame is cut off");
	}
	return out.pos;
}

static size_t read_more(struct input *input, void *buffer, size_t size)
{
	return input->zstd == NULL ? read_plain(input, buffer, size)
				   : read_zstd(input, buffer, size);
}

/* Starts to decompress. The bytes that are in the buffer are the first. */
static void begin_zstd(struct input *input)
{
	input->zstd = ZSTD_createDStream();
	if (input->zstd == NULL)
		die(input->place.name, "zstd: ", strerror(ENOMEM));
	memcpy(input->compressed, input->buffer, input->end);
	input->in = (ZSTD_inBuffer){.src = input->compressed, .size = input->end};
	input->in_frame = false;
	input->end = 0;
	input->at_end = false;
}

#else

#define read_more read_plain

static _Noreturn void begin_zstd(struct input *input)
{
	die(input->place.name, "compressed with zstd, which this build cannot read; decompress it "
			       "first, or use a chroot-paths built with ZSTD=1");
}

#endif

/* Reads until the buffer has a newline, PATH_MAX bytes or the rest. Returns the newline or NULL. */
static char *fill(struct input *input)
{
	size_t searched = 0;

	for (;;) {
		char *first = input->buffer + input->next;
		size_t left = input->end - input->next, n;
		char *newline = memchr(first + searched, '\n', left - searched);

		if (newline != NULL || left >= PATH_MAX || input->at_end)
			return newline;
		memmove(input->buffer, first, left);
		/* One byte is kept for the NUL after a last line without a newline. */
		n = read_more(input, input->buffer + left, sizeof(input->buffer) - 1 - left);
		input->next = 0;
		input->end = left + n;
		input->at_end = n == 0;
		searched = left;
	}
}

/* RFC 8878, sections 3.1.1 and 3.1.2: little-endian 0xFD2FB528, and 0x184D2A50 to 0x184D2A5F. */
static bool starts_frame(const char *head, size_t size)
{
	return size >= 4 &&
	       (memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0 ||
		((head[0] & 0xf0) == 0x50 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0));
}

/* Dies if HEAD begins a compressed file of another kind. */
static void refuse_others(const char *name, const char *head, size_t size)
{
	static const struct {
		const char *name, *magic;
	} kinds[] = {{"gzip", "\x1f\x8b"},
		     {"bzip2", "BZh"},
		     {"xz", "\xfd"
			    "7zXZ"},
		     {"lz4", "\x04\x22\x4d\x18"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].magic);

		if (size >= len && memcmp(head, kinds[i].magic, len) == 0)
			die(name, "compressed with ", kinds[i].name, "; decompress it first");
	}
}

void input_open(struct input *input, const char *file)
{
	bool standard_input = strcmp(file, "-") == 0;

	input->place = (struct place){standard_input ? "standard input" : file, 0};
	input->next = input->end = 0;
	input->at_end = false;
#ifdef WITH_ZSTD
	input->zstd = NULL;
#endif
	input->fd = standard_input ? STDIN_FILENO : open(file, O_RDONLY);
	if (input->fd < 0)
		die_errno(input->place.name);
	(void)fill(input);
	if (starts_frame(input->buffer, input->end)) {
		begin_zstd(input);
		(void)fill(input);
	}
	refuse_others(input->place.name, input->buffer, input->end);
}

const char *input_line(struct input *input)
{
	char *end = fill(input);
	char *line = input->buffer + input->next;

	input->place.line++;
	if (input->next == input->end)
		return NULL;
	if (end == NULL)
		end = input->buffer + input->end;
	if (end - line >= PATH_MAX)
		die_at(input->place, "longer than 4095 bytes, the limit for a path");
	input->next = (size_t)(end - input->buffer);
	if (input->next < input->end)
		input->next++;
	*end = '\0';
	if (line + strlen(line) != end)
		die_at(input->place, "contains a NUL byte");
	if (end > line && end[-1] == '\r')
		die_at(input->place,
		       "ends in a carriage return; only a newline may end a line: ", line);
	return line;
}
