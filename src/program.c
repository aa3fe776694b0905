/* SPDX-License-Identifier: MIT */
#include "program.h"

#include "path.h"
#include "service.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEEDS_MOST = 256, BROUGHT_MOST = 1024, SEARCHED_MOST = 64 };

/* A program, as messages name it. */
struct subject {
	struct place place;
	const char *setting; /* "" if PLACE says it */
	const char *path;
	const char *interpreter; /* "", or the one that is judged */
};

/* Global, since what is known and the program that is judged are the same everywhere. */
static struct {
	const struct store *store;
	bool has_bin_sh;
	struct subject subject;
	const char *interpreter; /* the last one that was judged, or "" */
	size_t n_brought, n_searched, n_needs, kept;
	const char *brought[BROUGHT_MOST];   /* what the service itself brings in */
	const char *searched[SEARCHED_MOST]; /* ExecSearchPath= */
	struct need {
		struct subject subject;
		const char *what; /* a path, or the name of a program of systemd's own package */
		const char *why;
	} needs[NEEDS_MOST]; /* what the closure must have, and was not bound yet */
	char strings[2 * UNIT_LARGEST];
	struct service service;
} state;

/* Dies of the subject, whose path has led to AT. */
static _Noreturn void refuse(const char *at, const char *why)
{
	const struct subject *subject = &state.subject;
	bool is_program = subject->interpreter[0] == '\0';
	const char *path = is_program ? subject->path : subject->interpreter;
	const char *colon = subject->setting[0] == '\0' ? "" : "=: ";
	const char *leads = "", *which = "", *note = "";

	if (path_is_within(path, at)) {
		at = "";
	} else {
		leads = "leads to ";
		which = ", which ";
	}
	if (strchr(path, '$') != NULL)
		note = " (systemd expands no variable here)";
	if (is_program)
		die_at(subject->place, subject->setting, colon, leads, at, which, why, ": ", path,
		       note);
	die_at(subject->place, subject->setting, colon, "its interpreter ", path, " ", leads, at,
	       which, why, ": ", subject->path, note);
}

/* Returns *N, and counts it. Dies if that is MOST already, which is LIMIT in words. */
static size_t one_more(size_t *n, size_t most, const char *limit)
{
	if (*n == most)
		die_at(state.subject.place, "the unit has more than ", limit,
		       ", the limit of this check");
	return (*n)++;
}

static const char *keep(const char *string)
{
	char *copy = state.strings + state.kept;
	size_t size = strlen(string) + 1;

	if (size > sizeof(state.strings) - state.kept)
		die_at(state.subject.place,
		       "the unit has more than 2 MiB of paths, the limit of this check");
	state.kept += size;
	return memcpy(copy, string, size);
}

/* Notes that the closure must have WHAT. */
static void require(const char *what, const char *why)
{
	for (size_t i = 0; i < state.n_needs; i++) {
		if (strcmp(state.needs[i].what, what) == 0)
			return;
	}
	state.needs[one_more(&state.n_needs, NEEDS_MOST, "256 paths that the closure must have")] =
		(struct need){state.subject, keep(what), why};
}

static bool is_brought_in(const char *path)
{
	for (size_t i = 0; i < state.n_brought; i++) {
		if (path_is_within(path, state.brought[i]))
			return true;
	}
	return false;
}

/* Notes that the service brings in the concatenation of the strings. Returns false if that may be
 * anywhere. */
static bool bring_path(const char *one, const char *two, const char *three)
{
	char path[PATH_MAX], *end;
	struct walk walk;

	if (!path_join(path, one, two, three))
		return true;
	/* systemd ignores a relative path, and one with "..". */
	if (strchr("/%\\", path[0]) == NULL)
		return true;
	for (end = path; end != NULL; end = strchr(end + 1, '/')) {
		if (strncmp(end, "/..", 3) == 0 && (end[3] == '/' || end[3] == '\0'))
			return true;
	}
	/* A specifier or an escape sequence may stand for anything. */
	end = strpbrk(path, "%\\");
	if (end != NULL) {
		*end = '\0';
		end = strrchr(path, '/');
		*(end == NULL ? path : end) = '\0';
	}
	/* As systemd does, this removes "/.", a double "/", and "/" at the end. */
	(void)walk_begin(&walk, path);
	while (walk_on(&walk))
		;
	state.brought[one_more(&state.n_brought, BROUGHT_MOST, "1024 binds and directories")] =
		keep(walk.at);
	return walk.at[0] != '\0';
}

/* Dies if a path of the store has nothing at SOURCE. Of other paths only the host knows. */
static void judge_source(const char *source)
{
	struct walk walk;
	const char *below;

	state.subject.path = source;
	if (path_below(source, state.store->path) == NULL || strpbrk(source, "%\\") != NULL ||
	    walk_to_end(&walk, source) || (errno != ENOENT && errno != ENOTDIR))
		return;
	below = path_below(walk.at, state.store->path);
	if (below != NULL && strchr(below + 1, '/') != NULL)
		refuse(walk.at, "does not exist");
}

/* Notes the destination of BIND, which is [-]SOURCE[:DESTINATION[:OPTIONS]]. */
static bool bring_bind(char *bind)
{
	const char *source = strsep(&bind, ":"), *destination = strsep(&bind, ":");

	if (source[0] != '-')
		judge_source(source);
	return bring_path("", "", destination != NULL ? destination : source + strspn(source, "-"));
}

/* Notes what SETTING brings in. Returns false if that may be anything. */
static bool bring_in(const struct service_setting *setting)
{
	char *value = setting->value, *word, *part;
	bool is_known = true;

	state.subject = (struct subject){setting->place, setting->key->name, "", ""};
	switch (setting->key->kind) {
	case BINDS:
	case IMAGES:
		while (is_known && (word = service_word(&value)) != NULL)
			is_known = bring_bind(word);
		break;
	case DIRECTORIES:
		while ((word = service_word(&value)) != NULL) {
			while ((part = strsep(&word, ":")) != NULL) {
				(void)bring_path(setting->key->parent, part, "");
				/* With DynamicUser= it is there. */
				(void)bring_path(setting->key->parent, "private/", part);
			}
		}
		break;
	case SEARCH_PATH:
		while ((part = strsep(&value, ":")) != NULL && part[0] != '\0')
			state.searched[one_more(&state.n_searched, SEARCHED_MOST,
						"64 directories of ExecSearchPath=")] = part;
		break;
	case ROOT_OF_ITS_OWN:
		/* The NixOS module sets these two. */
		is_known = value[0] == '\0' || strcmp(value, "/var/empty") == 0 ||
			   path_below(value, "/run/confinement-root") != NULL;
		break;
	default:
		break;
	}
	return is_known;
}

/*
 * Judges the entry of the store that WALK is at. Returns false if this system may have something
 * else there than the service, which finds what a symlink there leads to.
 */
static bool enter(const struct walk *walk)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < state.n_brought; i++) {
		if (path_below(state.brought[i], walk->at) != NULL)
			return false;
	}
	require(walk->at, "is not in the closure");
	/* Most are no symlinks: this saves a call for each component. */
	if (readlink(walk->at, real, sizeof(real)) < 0)
		return errno == EINVAL;
	return realpath(walk->at, real) != NULL && path_below(real, state.store->real) != NULL;
}

/* Judges PATH, which is outside of the store; a closure that is written by hand may have it. */
static void judge_outside(const char *path)
{
	/* What --root brings in. */
	static const char *const always[] = {"/dev", "/proc", "/sys", "/tmp", "/var/tmp"};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		if (path_below(path, always[i]) != NULL)
			return;
	}
	if (strcmp(path, "/bin/sh") != 0)
		require(path,
			"is not in the store, and nothing brings it in; see BindReadOnlyPaths=");
	else if (!state.has_bin_sh)
		require(path, "is missing without --bin-sh");
}

/*
 * Walks along PATH as the service will. Returns false if nobody can know where that leads, or not
 * before the closure is read; else WALK is at what this system has there. Dies if it leads nowhere.
 */
static bool walk_along(struct walk *walk, const char *path, bool is_program)
{
	const char *below;

	if (!walk_begin(walk, path))
		return false;
	while (walk_on(walk)) {
		if (is_brought_in(walk->at))
			return false;
		below = path_below(walk->at, state.store->path);
		if (below == NULL)
			continue;
		if (strchr(below + 1, '/') == NULL) {
			if (!enter(walk))
				return false;
		} else if (!walk_follow(walk) && errno != EINVAL) {
			if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
				refuse(walk->at, "does not exist");
			if (errno == ELOOP)
				refuse(walk->at, "is a symlink loop");
			return false;
		}
	}
	if (walk->left[0] != '\0')
		return false;
	below = path_below(walk->at, state.store->path);
	if (below == NULL && is_program)
		judge_outside(walk->at[0] == '\0' ? "/" : walk->at);
	return below != NULL;
}

static uint64_t number(const unsigned char *bytes, size_t size, bool big_endian)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = sum << 8 | bytes[big_endian ? i : size - 1 - i];
	return sum;
}

/* Where elf(5) has what leads to the interpreter. WORD is the size of an offset. */
#define LAYOUT(bits)                                                                               \
	{                                                                                          \
		offsetof(Elf##bits##_Ehdr, e_phoff), offsetof(Elf##bits##_Ehdr, e_phnum),          \
			offsetof(Elf##bits##_Phdr, p_offset),                                      \
			offsetof(Elf##bits##_Phdr, p_filesz), sizeof(Elf##bits##_Phdr),            \
			sizeof(Elf##bits##_Off)                                                    \
	}
static const struct layout {
	size_t phoff, phnum, offset, filesz, entry, word;
} layouts[] = {LAYOUT(32), LAYOUT(64)};

/* SIZE bytes of a program; the others are zero. */
struct page {
	ssize_t size;
	unsigned char bytes[4096];
};

/* Returns SIZE bytes from AT on of the program FD, which begins with HEAD; or NULL if it has not as
 * many, or they are more than a page. They are in HEAD, or else in MORE. */
static const unsigned char *piece(int fd, const struct page *head, struct page *more, uint64_t at,
				  uint64_t size)
{
	if (size > sizeof(head->bytes))
		return NULL;
	if (at <= sizeof(head->bytes) && at + size <= (uint64_t)head->size)
		return head->bytes + at;
	more->size = pread(fd, more->bytes, (size_t)size, (off_t)at);
	return more->size == (ssize_t)size ? more->bytes : NULL;
}

/* Reads the PT_INTERP of the ELF file FD, which begins with HEAD. */
static enum program_kind read_elf(int fd, const struct page *head, char name[PATH_MAX])
{
	const struct layout *in = &layouts[head->bytes[EI_CLASS] == ELFCLASS64];
	bool big_endian = head->bytes[EI_DATA] == ELFDATA2MSB;
	uint64_t type = number(head->bytes + EI_NIDENT, sizeof(Elf64_Half), big_endian);
	uint64_t phoff = number(head->bytes + in->phoff, in->word, big_endian);
	uint64_t count = number(head->bytes + in->phnum, sizeof(Elf64_Half), big_endian);
	struct page more;
	const unsigned char *entry = piece(fd, head, &more, phoff, count * in->entry);

	if ((type != ET_EXEC && type != ET_DYN) || count == 0)
		return BAD_ELF;
	/* Not every kernel takes more than a page of them. */
	if (entry == NULL)
		return count * in->entry > sizeof(more.bytes) ? OTHER : BAD_ELF;
	for (; count > 0; count--, entry += in->entry) {
		uint64_t offset = number(entry + in->offset, in->word, big_endian);
		uint64_t len = number(entry + in->filesz, in->word, big_endian);

		if (number(entry, sizeof(Elf64_Word), big_endian) != PT_INTERP)
			continue;
		entry = piece(fd, head, &more, offset, len);
		if (entry == NULL || len == 0 || entry[len - 1] != '\0')
			return BAD_ELF;
		memcpy(name, entry, (size_t)len);
		break;
	}
	return OTHER;
}

enum program_kind program_interpreter(int fd, char name[PATH_MAX])
{
	/* Linux reads so much of a script. */
	enum { SCRIPT_HEAD = 256 };
	struct page head;
	char *word = (char *)head.bytes + strlen("#!");
	size_t len;

	memset(name, 0, PATH_MAX);
	memset(&head, 0, sizeof(head));
	head.size = pread(fd, head.bytes, sizeof(head.bytes), 0);
	if (head.size < 0)
		return OTHER;
	if (memcmp(head.bytes, ELFMAG, SELFMAG) == 0)
		return read_elf(fd, &head, name);
	if (memcmp(head.bytes, "#!", strlen("#!")) != 0)
		return OTHER;
	head.bytes[SCRIPT_HEAD] = '\0';
	word += strspn(word, BLANKS);
	len = strcspn(word, " \t\n");
	if (len == 0 || word + len == (char *)head.bytes + SCRIPT_HEAD)
		return BAD_SCRIPT;
	memcpy(name, word, len);
	return SCRIPT;
}

static void check_executable(const char *file)
{
	struct stat status;

	if (stat(file, &status) < 0)
		die_at(state.subject.place, strerror(errno), ": ", file);
	if (S_ISDIR(status.st_mode))
		refuse(file, "is a directory; write \"${package}/bin/NAME\"");
	if (!S_ISREG(status.st_mode))
		refuse(file, "is not a regular file");
	/* The user of the service may be unknown here, so any execute permission will do. */
	if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		refuse(file, "is not executable");
}

/* Judges the interpreter of FILE, and as long as that is a script, its own. */
static void judge_interpreter(const char *file)
{
	enum program_kind kind = SCRIPT;
	char name[PATH_MAX];
	struct walk walk;

	for (int scripts = 0; kind == SCRIPT; scripts++) {
		bool is_judged;
		int fd = open(file, O_RDONLY);

		/* A program need not be readable. */
		if (fd < 0)
			return;
		kind = program_interpreter(fd, name);
		(void)close(fd);
		if (kind == BAD_ELF)
			refuse(file, "is an ELF file, but not a whole program");
		if (kind == BAD_SCRIPT)
			refuse(file, "names no interpreter in its first 256 bytes");
		if (name[0] != '/')
			return;
		/* A script may be its own interpreter, in the end. */
		is_judged =
			(scripts == 0 || kind != SCRIPT) && strcmp(name, state.interpreter) == 0;
		state.subject.interpreter = is_judged ? state.interpreter : keep(name);
		if (strchr(name, '\r') != NULL)
			refuse(name, "ends in a carriage return");
		/* The kernel runs a script by another one, up to five of them. */
		if (kind == SCRIPT && scripts == 5)
			refuse(name, "is one too many");
		/* Most programs of a service have the same: this saves four of eleven calls. */
		if (is_judged)
			return;
		state.interpreter = state.subject.interpreter;
		if (!walk_along(&walk, name, true))
			return;
		check_executable(walk.at);
		file = walk.at;
	}
}

static void judge_file(const char *path)
{
	struct walk walk;

	if (!walk_along(&walk, path, true))
		return;
	check_executable(walk.at);
	judge_interpreter(walk.at);
}

/* Judges a program without a slash in its NAME, for which systemd searches. */
static void judge_name(const char *name)
{
	/* Where systemd may search, by how it was built. */
	static const char *const fixed[] = {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/",
					    "/usr/bin/",	"/sbin/",	   "/bin/"};
	char path[PATH_MAX], found[PATH_MAX] = "";

	for (size_t i = 0; i < state.n_searched; i++) {
		const char *below;
		size_t entry;

		if (!path_join(path, state.searched[i], "/", name) || strchr(path, '%') != NULL ||
		    is_brought_in(path) || (state.has_bin_sh && strcmp(path, "/bin/sh") == 0))
			return;
		below = path_below(path, state.store->path);
		if (below == NULL || access(path, X_OK) < 0)
			continue;
		/* If two packages have it, the service finds that of the closure. */
		entry = (size_t)(below + 1 - path) + strcspn(below + 1, "/") + 1;
		if (found[0] != '\0' && strncmp(found, path, entry) != 0)
			return;
		if (found[0] == '\0')
			(void)stpcpy(found, path);
	}
	if (found[0] != '\0') {
		judge_file(found);
		return;
	}
	if (state.n_searched > 0)
		refuse(name, "is in no directory of ExecSearchPath=");
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (path_join(path, fixed[i], name) && is_brought_in(path))
			return;
	}
	require(name, "systemd does not search $PATH for programs; write \"${package}/bin/NAME\"");
}

/*
 * Replaces "\\s", "\\xNN" and "%%" in WORD. Returns false if that is not all: no path needs another
 * escape sequence, since systemd takes neither a quote nor a backslash in it.
 */
static bool expand(char *word)
{
	char *to = word;

	while (*word != '\0') {
		char byte = *word++, hex[3] = "";

		if (byte == '\\' && *word == 's') {
			byte = ' ';
			word++;
		} else if (byte == '\\') {
			if (*word != 'x' || strspn(word + 1, "0123456789abcdefABCDEF") < 2)
				return false;
			byte = (char)strtoul(memcpy(hex, word + 1, 2), NULL, 16);
			word += strlen("xNN");
		}
		if (byte == '\0' || (byte == '%' && *word++ != '%'))
			return false;
		*to++ = byte;
	}
	*to = '\0';
	return true;
}

/* Judges the first word of a command. */
static void judge_program(char *word)
{
	char *path = word + strspn(word, "@-:+!|");
	size_t n_prefixes = (size_t)(path - word);

	/* A failure is ignored; the shell of a user runs the command. */
	if (memchr(word, '-', n_prefixes) != NULL || memchr(word, '|', n_prefixes) != NULL)
		return;
	if (path[0] == '\0' || !expand(path))
		return;
	state.subject.path = path;
	state.subject.interpreter = "";
	if (strchr(path, '/') == NULL)
		judge_name(path);
	else if (path[0] != '/')
		refuse(path, "is neither an absolute path nor a name");
	else if (path[strlen(path) - 1] == '/')
		refuse(path, "ends in a slash");
	else
		judge_file(path);
}

/* Judges the commands of a line, which " ; " separates. */
static void judge_commands(char *value)
{
	bool is_first = true;

	for (;;) {
		bool is_separator;
		char *word;

		value += strspn(value, BLANKS);
		is_separator = value[0] == ';' && strchr(BLANKS, value[1]) != NULL;
		word = service_word(&value);
		if (word == NULL)
			return;
		if (is_first && !is_separator)
			judge_program(word);
		is_first = is_separator;
	}
}

static void judge_directory(const char *path)
{
	struct walk walk;
	struct stat status;

	state.subject.path = path;
	if (strchr("/-%", path[0]) == NULL && strcmp(path, "~") != 0)
		refuse(path, "is neither an absolute path nor ~");
	if (path_below(path, state.store->path) != NULL && strchr(path, '%') == NULL &&
	    walk_along(&walk, path, false) && stat(walk.at, &status) == 0 &&
	    !S_ISDIR(status.st_mode))
		refuse(walk.at, "is not a directory");
}

void programs_judge(const struct setting *file, const struct store *store, struct place place,
		    const char *bin_sh)
{
	const struct service *service = &state.service;

	state.store = store;
	state.has_bin_sh = bin_sh != NULL;
	state.interpreter = "";
	state.n_brought = state.n_searched = state.n_needs = state.kept = 0;
	service_read(&state.service, file);
	for (size_t i = 0; i < service->n; i++) {
		if (!bring_in(&service->settings[i]))
			return;
	}
	if (bin_sh != NULL) {
		state.subject = (struct subject){place, "", keep(bin_sh), ""};
		judge_interpreter(bin_sh);
	}
	for (size_t i = 0; i < service->n; i++) {
		const struct service_setting *setting = &service->settings[i];

		state.subject = (struct subject){setting->place, setting->key->name, "", ""};
		if (setting->key->kind == COMMAND)
			judge_commands(setting->value);
		else if (setting->key->kind == WORKING_DIRECTORY)
			judge_directory(setting->value);
	}
}

/* Whether PACKAGE is a systemd and has the program NAME. That of NixOS searches its own programs.
 */
static bool is_systemd_with(const char *package, const char *name)
{
	char path[PATH_MAX];

	return path_join(path, package, "/lib/systemd/systemd") && access(path, F_OK) == 0 &&
	       path_join(path, package, "/bin/", name) && access(path, X_OK) == 0;
}

void programs_bound(const char *bound)
{
	size_t n = 0;

	for (size_t i = 0; i < state.n_needs; i++) {
		const char *what = state.needs[i].what;

		if (!path_is_within(what, bound) &&
		    (what[0] == '/' || !is_systemd_with(bound, what)))
			state.needs[n++] = state.needs[i];
	}
	state.n_needs = n;
}

void programs_finish(void)
{
	if (state.n_needs == 0)
		return;
	state.subject = state.needs[0].subject;
	refuse(state.needs[0].what, state.needs[0].why);
}
