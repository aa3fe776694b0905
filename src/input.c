/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <fcntl.h>
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
}

#else

#define read_more read_plain

static _Noreturn void begin_zstd(struct input *input)
{
	die(input->place.name, "compressed with zstd, which this build cannot read; decompress it "
			       "first, or use a chroot-paths built with ZSTD=1");
}

#endif

/* Reads if the buffer has nothing left. Returns false at the end. */
static bool fill(struct input *input)
{
	if (input->next == input->end) {
		input->next = 0;
		input->end = read_more(input, input->buffer, sizeof(input->buffer));
	}
	return input->next < input->end;
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
	enum { MAGIC_LONGEST = 5 };
	bool standard_input = strcmp(file, "-") == 0;
	size_t n = 1;

	input->place = (struct place){standard_input ? "standard input" : file, 0};
	input->next = input->end = 0;
#ifdef WITH_ZSTD
	input->zstd = NULL;
#endif
	input->fd = standard_input ? STDIN_FILENO : open(file, O_RDONLY);
	if (input->fd < 0)
		die_errno(input->place.name);
	for (; n > 0 && input->end < MAGIC_LONGEST; input->end += n)
		n = read_plain(input, input->buffer + input->end,
			       sizeof(input->buffer) - input->end);
	refuse_others(input->place.name, input->buffer, input->end);
	if (starts_frame(input->buffer, input->end))
		begin_zstd(input);
}

const char *input_line(struct input *input)
{
	const char *newline = NULL;
	size_t len = 0;

	input->place.line++;
	while (newline == NULL && fill(input)) {
		const char *part = input->buffer + input->next;
		size_t size = input->end - input->next;

		newline = memchr(part, '\n', size);
		if (newline != NULL)
			size = (size_t)(newline - part);
		if (size >= PATH_MAX - len)
			die_at(input->place, "longer than 4095 bytes, the limit for a path");
		memcpy(input->line + len, part, size);
		len += size;
		input->next += size + (newline != NULL);
	}
	if (newline == NULL && len == 0)
		return NULL;
	input->line[len] = '\0';
	if (strlen(input->line) != len)
		die_at(input->place, "contains a NUL byte");
	if (len > 0 && input->line[len - 1] == '\r')
		die_at(input->place,
		       "ends in a carriage return; only a newline may end a line: ", input->line);
	return input->line;
}
