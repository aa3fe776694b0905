/* SPDX-License-Identifier: MIT */
#include "program.h"

#include "path.h"
#include "service.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEEDS_MOST = 256, PLACES_MOST = 1024, SEARCHED_MOST = 64 };

/* A program, as messages name it. */
struct subject {
	struct place place;
	const char *setting; /* "" if PLACE says it */
	const char *path;
	const char *interpreter; /* "", or the one that is judged */
};

/* Global, since what it knows and the program that it judges are the same everywhere. */
static struct {
	const struct store *store;
	bool has_bin_sh;
	struct subject subject;	 /* what is judged */
	const char *interpreter; /* the last one that was judged, or "" */
	size_t n_places, n_searched, n_needs, kept;
	const char *places[PLACES_MOST];     /* what the service itself brings in */
	const char *searched[SEARCHED_MOST]; /* ExecSearchPath= */
	struct need {
		struct subject subject;
		const char *what; /* a path, or the name of a program of systemd's own package */
		const char *why;
		bool met;
	} needs[NEEDS_MOST];
	char strings[2 * UNIT_LARGEST];
	struct service service;
} known;

/* Dies of SUBJECT, whose path has led to AT. */
static _Noreturn void refuse(const struct subject *subject, const char *at, const char *why)
{
	bool is_program = subject->interpreter[0] == '\0';
	const char *path = is_program ? subject->path : subject->interpreter;
	bool leads = strcmp(path, at) != 0 && path_below(path, at) == NULL;

	die_at(subject->place, subject->setting,
	       subject->setting[0] == '\0' ? "" : "=: ", is_program ? "" : "its interpreter ",
	       subject->interpreter, is_program ? "" : " ", leads ? "leads to " : "",
	       leads ? at : "", leads ? ", which " : "", why, ": ", subject->path,
	       strchr(path, '$') == NULL ? "" : " (systemd expands no variable here)");
}

/* Dies unless there is room for SIZE more. LIMIT says how many are the MOST. */
static void check_room(size_t used, size_t size, size_t most, const char *limit)
{
	if (size > most - used)
		die_at(known.subject.place, "the unit has more than ", limit,
		       ", the limit of this check");
}

static const char *keep(const char *string)
{
	char *copy = known.strings + known.kept;
	size_t size = strlen(string) + 1;

	check_room(known.kept, size, sizeof(known.strings), "2 MiB of paths");
	known.kept += size;
	return memcpy(copy, string, size);
}

/* Notes that the closure must have WHAT. */
static void require(const char *what, const char *why)
{
	for (size_t i = 0; i < known.n_needs; i++) {
		if (strcmp(known.needs[i].what, what) == 0)
			return;
	}
	check_room(known.n_needs, 1, NEEDS_MOST, "256 paths that the closure must have");
	known.needs[known.n_needs++] = (struct need){known.subject, keep(what), why, false};
}

static bool is_at_or_below(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || path_below(path, dir) != NULL;
}

static bool is_brought_in(const char *path)
{
	for (size_t i = 0; i < known.n_places; i++) {
		if (is_at_or_below(path, known.places[i]))
			return true;
	}
	return false;
}

/* Removes every "/." and double "/" of PATH, and "/" at its end, as systemd does. */
static void simplify(char *path)
{
	char *to = path;

	while (*path != '\0') {
		size_t len = 1 + strcspn(path + 1, "/");

		if (len > 2 || (len == 2 && path[1] != '.')) {
			memmove(to, path, len);
			to += len;
		}
		path += len;
	}
	*to = '\0';
}

/* Adds what the service brings in at NAME below PARENT. Returns false if that may be anywhere. */
static bool add_place(const char *parent, const char *name)
{
	char place[PATH_MAX];
	size_t len;

	if (!path_join(place, parent, name, ""))
		return true;
	/* A specifier or an escape sequence may stand for anything. */
	len = strcspn(place, "%\\");
	while (place[len] != '\0' && len > 0 && place[len - 1] != '/')
		len--;
	place[len] = '\0';
	simplify(place);
	check_room(known.n_places, 1, PLACES_MOST, "1024 binds and directories");
	known.places[known.n_places++] = keep(place);
	return place[0] != '\0';
}

/* Dies if a path of the store has nothing at SOURCE. Of other paths only the host knows. */
static void judge_source(const char *source)
{
	struct walk walk;

	known.subject.path = source;
	if (path_below(source, known.store->path) == NULL || strpbrk(source, "%\\") != NULL ||
	    !walk_begin(&walk, source))
		return;
	while (walk_on(&walk)) {
		const char *below = path_below(walk.at, known.store->path);

		if (walk_follow(&walk) || errno == EINVAL)
			continue;
		if (below == NULL || strchr(below + 1, '/') == NULL)
			return;
		if (errno == ENOENT || errno == ENOTDIR)
			refuse(&known.subject, walk.at, "does not exist");
	}
}

/* Adds the destination of BIND, which is [-]SOURCE[:DESTINATION[:OPTIONS]]. */
static bool add_bind(char *bind)
{
	const char *source = strsep(&bind, ":"), *destination = strsep(&bind, ":");

	if (source[0] != '-')
		judge_source(source);
	return add_place("", destination != NULL ? destination : source + strspn(source, "-"));
}

/* Adds what SETTING brings in. Returns false if that may be anything. */
static bool bring_in(const struct service_setting *setting)
{
	char *value = setting->value, *word, *part, path[PATH_MAX];
	bool is_known = true;

	known.subject = (struct subject){setting->place, setting->known->name, "", ""};
	switch (setting->known->kind) {
	case BINDS:
	case IMAGES:
		while (is_known && (word = service_word(&value)) != NULL)
			is_known = add_bind(word);
		break;
	case DIRECTORIES:
		while ((word = service_word(&value)) != NULL) {
			while ((part = strsep(&word, ":")) != NULL) {
				(void)add_place(setting->known->parent, part);
				/* With DynamicUser= it is there. */
				if (path_join(path, setting->known->parent, "private/", part))
					(void)add_place("", path);
			}
		}
		break;
	case SEARCH_PATH:
		while ((part = strsep(&value, ":")) != NULL && part[0] != '\0') {
			check_room(known.n_searched, 1, SEARCHED_MOST,
				   "64 directories of ExecSearchPath=");
			known.searched[known.n_searched++] = part;
		}
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

	for (size_t i = 0; i < known.n_places; i++) {
		if (path_below(known.places[i], walk->at) != NULL)
			return false;
	}
	require(walk->at, "is not in the closure");
	if (readlink(walk->at, real, sizeof(real)) < 0)
		return errno == EINVAL;
	return realpath(walk->at, real) != NULL && path_below(real, known.store->real) != NULL;
}

/* Follows the symlink that WALK may be at. Returns false if nobody can know where it leads. */
static bool follow(struct walk *walk)
{
	if (walk_follow(walk) || errno == EINVAL)
		return true;
	if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
		refuse(&known.subject, walk->at, "does not exist");
	if (errno == ELOOP)
		refuse(&known.subject, walk->at, "is a symlink loop");
	return false;
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
	else if (!known.has_bin_sh)
		require(path, "is missing without --bin-sh");
}

/*
 * Walks along PATH as the service will. Returns false if nobody can know where that leads, or not
 * before the closure is read; else WALK is at what this system has there. Dies if it leads nowhere.
 */
static bool walk_along(struct walk *walk, const char *path, bool is_program)
{
	const char *below = NULL;

	if (!walk_begin(walk, path))
		return false;
	while (walk_on(walk)) {
		if (is_brought_in(walk->at))
			return false;
		below = path_below(walk->at, known.store->path);
		if (below == NULL)
			continue;
		if (!(strchr(below + 1, '/') == NULL ? enter(walk) : follow(walk)))
			return false;
	}
	if (walk->left[0] != '\0')
		return false;
	if (below == NULL && is_program)
		judge_outside(walk->at);
	return below != NULL;
}

/* Where an ELF file has the numbers that lead to its interpreter, see elf(5): of 32 bits and 64. */
enum { E_TYPE, E_PHOFF, E_PHNUM, P_TYPE, P_OFFSET, P_FILESZ };
struct field {
	size_t at, size;
};
#define FIELD(type, name)                                                                          \
	{                                                                                          \
		offsetof(type, name), sizeof(((type *)NULL)->name)                                 \
	}
static const struct field fields[][6] = {
	{FIELD(Elf32_Ehdr, e_type), FIELD(Elf32_Ehdr, e_phoff), FIELD(Elf32_Ehdr, e_phnum),
	 FIELD(Elf32_Phdr, p_type), FIELD(Elf32_Phdr, p_offset), FIELD(Elf32_Phdr, p_filesz)},
	{FIELD(Elf64_Ehdr, e_type), FIELD(Elf64_Ehdr, e_phoff), FIELD(Elf64_Ehdr, e_phnum),
	 FIELD(Elf64_Phdr, p_type), FIELD(Elf64_Phdr, p_offset), FIELD(Elf64_Phdr, p_filesz)},
};

static uint64_t number(const unsigned char *bytes, const struct field *field, bool big_endian)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < field->size; i++)
		sum = sum << 8 | bytes[field->at + (big_endian ? i : field->size - 1 - i)];
	return sum;
}

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
	bool is_64 = head->bytes[EI_CLASS] == ELFCLASS64;
	bool big_endian = head->bytes[EI_DATA] == ELFDATA2MSB;
	const struct field *in = fields[is_64];
	uint64_t type = number(head->bytes, &in[E_TYPE], big_endian);
	uint64_t count = number(head->bytes, &in[E_PHNUM], big_endian);
	uint64_t size = is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	struct page more;
	const unsigned char *entry =
		piece(fd, head, &more, number(head->bytes, &in[E_PHOFF], big_endian), count * size);

	if ((type != ET_EXEC && type != ET_DYN) || count == 0)
		return BAD_ELF;
	/* Not every kernel takes more than a page of them. */
	if (entry == NULL)
		return count * size > sizeof(more.bytes) ? OTHER : BAD_ELF;
	for (; count > 0; count--, entry += size) {
		uint64_t len = number(entry, &in[P_FILESZ], big_endian);

		if (number(entry, &in[P_TYPE], big_endian) != PT_INTERP)
			continue;
		entry = piece(fd, head, &more, number(entry, &in[P_OFFSET], big_endian), len);
		if (entry == NULL || len == 0 || entry[len - 1] != '\0')
			return BAD_ELF;
		memcpy(name, entry, (size_t)len);
		break;
	}
	return OTHER;
}

enum program_kind program_interpreter(int fd, char name[PATH_MAX])
{
	/* How much of a script Linux reads. */
	enum { SCRIPT_HEAD = 256 };
	struct page head;
	const char *script = (const char *)head.bytes, *word;
	size_t len;

	memset(name, 0, PATH_MAX);
	memset(&head, 0, sizeof(head));
	head.size = pread(fd, head.bytes, sizeof(head.bytes), 0);
	if (head.size < 0)
		return OTHER;
	if (memcmp(script, ELFMAG, SELFMAG) == 0)
		return read_elf(fd, &head, name);
	if (memcmp(script, "#!", strlen("#!")) != 0)
		return OTHER;
	head.bytes[SCRIPT_HEAD] = '\0';
	word = script + strlen("#!");
	word += strspn(word, BLANKS);
	len = strcspn(word, " \t\n");
	if (len == 0 || word + len == script + SCRIPT_HEAD)
		return BAD_SCRIPT;
	memcpy(name, word, len);
	return SCRIPT;
}

static void check_executable(const char *file)
{
	struct stat status;

	if (stat(file, &status) < 0)
		die_at(known.subject.place, strerror(errno), ": ", file);
	if (S_ISDIR(status.st_mode))
		refuse(&known.subject, file, "is a directory; write \"${package}/bin/NAME\"");
	if (!S_ISREG(status.st_mode))
		refuse(&known.subject, file, "is not a regular file");
	/* The user of the service may be unknown here, so any execute permission will do. */
	if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		refuse(&known.subject, file, "is not executable");
}

/*
 * Judges the interpreter of FILE, which is a script's interpreter SCRIPTS times. Returns true if
 * FILE is a script, too, and WALK is at its interpreter. FILE may be what WALK is at.
 */
static bool judge_next(const char *file, int scripts, struct walk *walk)
{
	char name[PATH_MAX];
	enum program_kind kind;
	bool is_judged;
	int fd = open(file, O_RDONLY);

	/* A program need not be readable. */
	if (fd < 0)
		return false;
	kind = program_interpreter(fd, name);
	(void)close(fd);
	if (kind == BAD_ELF)
		refuse(&known.subject, file, "is an ELF file, but not a whole program");
	if (kind == BAD_SCRIPT)
		refuse(&known.subject, file, "names no interpreter in its first 256 bytes");
	if (name[0] != '/')
		return false;
	is_judged = strcmp(name, known.interpreter) == 0;
	known.subject.interpreter = is_judged ? known.interpreter : keep(name);
	if (strchr(name, '\r') != NULL)
		refuse(&known.subject, name, "ends in a carriage return");
	/* The kernel runs a script by another one, up to five of them. */
	if (scripts == 5)
		refuse(&known.subject, name, "is one too many");
	/* Most programs of a service have the same interpreter: this saves four of eleven calls. */
	if (is_judged)
		return false;
	known.interpreter = known.subject.interpreter;
	if (!walk_along(walk, name, true))
		return false;
	check_executable(walk->at);
	return kind == SCRIPT;
}

/* Judges the interpreter of FILE, if it has one, and the interpreter of that. */
static void judge_interpreter(const char *file)
{
	struct walk walk;

	for (int scripts = 0; judge_next(file, scripts, &walk); scripts++)
		file = walk.at;
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
	char path[PATH_MAX];

	for (size_t i = 0; i < known.n_searched; i++) {
		if (!path_join(path, known.searched[i], "/", name) || strchr(path, '%') != NULL ||
		    is_brought_in(path) || (known.has_bin_sh && strcmp(path, "/bin/sh") == 0))
			return;
		if (path_below(path, known.store->path) != NULL && access(path, X_OK) == 0) {
			judge_file(path);
			return;
		}
	}
	if (known.n_searched > 0)
		refuse(&known.subject, name, "is in no directory of ExecSearchPath=");
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (path_join(path, fixed[i], name, "") && is_brought_in(path))
			return;
	}
	require(name, "systemd does not search $PATH for programs; write \"${package}/bin/NAME\"");
}

/*
 * Returns the byte at *NEXT, or what the escape sequence there stands for, and lets *NEXT be at the
 * last byte of that. Returns NUL for an escape sequence that no path needs: systemd takes neither a
 * quote nor a backslash in it.
 */
static char unescape(char **next)
{
	const char *escape = *next + 1;
	char hex[3] = "";

	if (**next != '\\')
		return **next;
	++*next;
	if (*escape == 's')
		return ' ';
	if (*escape != 'x' || strspn(escape + 1, "0123456789abcdefABCDEF") < 2)
		return '\0';
	*next += 2;
	memcpy(hex, escape + 1, 2);
	return (char)strtoul(hex, NULL, 16);
}

/* Replaces escape sequences, and "%%" by "%". Returns false if that is not all. */
static bool expand(char *word)
{
	char *to = word;

	for (; *word != '\0'; word++) {
		char byte = unescape(&word);
		if (byte == '\0' || (byte == '%' && *++word != '%'))
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
	known.subject.path = path;
	known.subject.interpreter = "";
	if (strchr(path, '/') == NULL)
		judge_name(path);
	else if (path[0] != '/')
		refuse(&known.subject, path, "is neither an absolute path nor a name");
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

	known.subject.path = path;
	if (strchr("/-%", path[0]) == NULL && strcmp(path, "~") != 0)
		refuse(&known.subject, path, "is neither an absolute path nor ~");
	if (path_below(path, known.store->path) != NULL && strchr(path, '%') == NULL &&
	    walk_along(&walk, path, false) && stat(walk.at, &status) == 0 &&
	    !S_ISDIR(status.st_mode))
		refuse(&known.subject, walk.at, "is not a directory");
}

void programs_judge(const struct setting *file, const struct store *store, struct place place,
		    const char *bin_sh)
{
	const struct service *service = &known.service;

	known.store = store;
	known.has_bin_sh = bin_sh != NULL;
	known.interpreter = "";
	known.n_places = known.n_searched = known.n_needs = known.kept = 0;
	service_read(&known.service, file);
	for (size_t i = 0; i < service->n; i++) {
		if (!bring_in(&service->settings[i]))
			return;
	}
	if (bin_sh != NULL) {
		known.subject = (struct subject){place, "", keep(bin_sh), ""};
		judge_interpreter(bin_sh);
	}
	for (size_t i = 0; i < service->n; i++) {
		const struct service_setting *setting = &service->settings[i];

		known.subject = (struct subject){setting->place, setting->known->name, "", ""};
		if (setting->known->kind == COMMAND)
			judge_commands(setting->value);
		else if (setting->known->kind == WORKING_DIRECTORY)
			judge_directory(setting->value);
	}
}

/* Whether PACKAGE is a systemd and has the program NAME. That of NixOS searches its own programs.
 */
static bool is_systemd_with(const char *package, const char *name)
{
	char path[PATH_MAX];

	return path_join(path, package, "/lib/systemd/systemd", "") && access(path, F_OK) == 0 &&
	       path_join(path, package, "/bin/", name) && access(path, X_OK) == 0;
}

void programs_bound(const char *path)
{
	for (struct need *need = known.needs; need < known.needs + known.n_needs; need++)
		need->met = need->met || is_at_or_below(need->what, path) ||
			    (need->what[0] != '/' && is_systemd_with(path, need->what));
}

void programs_finish(void)
{
	for (const struct need *need = known.needs; need < known.needs + known.n_needs; need++) {
		if (!need->met)
			refuse(&need->subject, need->what, need->why);
	}
}
