/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

static const struct key keys[] = {
	{"ExecCondition", COMMAND, ""},
	{"ExecStartPre", COMMAND, ""},
	{"ExecStart", COMMAND, ""},
	{"ExecStartPost", COMMAND, ""},
	{"ExecReload", COMMAND, ""},
	{"ExecReloadPost", COMMAND, ""},
	{"ExecStop", COMMAND, ""},
	{"ExecStopPost", COMMAND, ""},
	{"WorkingDirectory", WORKING_DIRECTORY, ""},
	{"ExecSearchPath", SEARCH_PATH, ""},
	{"BindPaths", BINDS, ""},
	{"BindReadOnlyPaths", BINDS, ""},
	{"MountImages", IMAGES, ""},
	{"StateDirectory", DIRECTORIES, "/var/lib/"},
	{"CacheDirectory", DIRECTORIES, "/var/cache/"},
	{"LogsDirectory", DIRECTORIES, "/var/log/"},
	{"RuntimeDirectory", DIRECTORIES, "/run/"},
	{"ConfigurationDirectory", DIRECTORIES, "/etc/"},
	{"RootDirectory", ROOT_OF_ITS_OWN, ""},
	{"RootImage", ROOT_OF_ITS_OWN, ""},
	{"ExtensionImages", ROOT_OF_ITS_OWN, ""},
	{"ExtensionDirectories", ROOT_OF_ITS_OWN, ""},
};

/* The unit while it is read. */
struct reader {
	struct place place; /* of the line that was read last */
	char *next;	    /* NULL at the end */
	bool in_service;    /* whether the section is [Service] */
	bool has_service;   /* whether one was */
	bool is_option;	    /* whether it may be what "systemctl cat" prints, so several files */
	int order; /* of the file: before (< 0) or after (> 0) the drop-in of this program */
};

/* Reads FILE, and returns its name. */
static const char *read_text(char text[UNIT_LARGEST + 1], const struct setting *file,
			     bool is_option)
{
	bool standard_input = strcmp(file->value, "-") == 0;
	/* In a build, passAsFile gives it a name that tells nobody anything. */
	const char *name = !is_option ? "unit" : standard_input ? "standard input" : file->value;
	int fd = standard_input ? STDIN_FILENO : open(file->value, O_RDONLY);
	size_t size = 0;
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, text + size, UNIT_LARGEST + 1 - size)) > 0)
		size += (size_t)n;
	if (n < 0)
		die_errno(name);
	if (size > UNIT_LARGEST)
		die(name, "larger than 1 MiB, the limit for a unit");
	text[size] = '\0';
	if (strlen(text) != size)
		die(name, "contains a NUL byte");
	return name;
}

static char *strip(char *text)
{
	char *end;

	text += strspn(text, BLANKS);
	for (end = text + strlen(text); end > text && strchr(BLANKS, end[-1]) != NULL; end--)
		end[-1] = '\0';
	return text;
}

/* Whether LINE ends in a backslash that is not escaped. */
static bool is_continued(const char *line)
{
	bool escaped = false;

	for (; *line != '\0'; line++)
		escaped = !escaped && *line == '\\';
	return escaped;
}

/* The order of the file that the comment LINE of "systemctl cat" names: "# /DIRECTORY/NAME". */
static int order_of(const char *line)
{
	const char *name = strrchr(line, '/');

	/* systemd reads drop-ins in the order of their names. */
	return memcmp(name - 2, ".d", 2) == 0 ? strcmp(name, "/confinement.conf") : -1;
}

/* Returns the next line, joined with those that continue it; or a comment at the end. A comment
 * between them does not count. A carriage return ends a line, too. */
static char *take_line(struct reader *reader)
{
	char *joined = reader->next, *end = joined, *part;
	bool continued = true;

	while (continued && (part = reader->next) != NULL) {
		const char *text = part + strspn(part, BLANKS);
		size_t len = strcspn(part, "\r\n");

		reader->next = part[len] == '\0' ? NULL : part + len + 1;
		if (part[len] == '\r' && part[len + 1] == '\n')
			reader->next++;
		part[len] = '\0';
		reader->place.line++;
		if (reader->is_option && end == joined &&
		    strncmp(part, "# /", strlen("# /")) == 0 &&
		    strpbrk(part + strlen("# "), BLANKS) == NULL)
			reader->order = order_of(part);
		if (*text == '#' || *text == ';')
			continue;
		continued = is_continued(part);
		end = (char *)memmove(end, part, len + 1) + len;
		if (continued)
			end[-1] = ' ';
	}
	return joined;
}

static void add(struct service *service, struct service_setting setting)
{
	const struct key *key = setting.key;
	bool is_list = key->kind != WORKING_DIRECTORY && key->kind != ROOT_OF_ITS_OWN;

	for (size_t i = 0; i < service->n; i++) {
		const struct key *earlier = service->settings[i].key;
		/* BindPaths= and BindReadOnlyPaths= are one list. */
		bool is_same = earlier == key || (earlier->kind == BINDS && key->kind == BINDS);

		if (is_same && (setting.value[0] == '\0' || !is_list))
			service->settings[i].value[0] = '\0';
	}
	if (setting.value[0] == '\0')
		return;
	if (service->n == SETTINGS_MOST)
		die_at(setting.place,
		       "the unit has more than 4096 settings, the limit of this check");
	service->settings[service->n++] = setting;
}

static void parse(struct service *service, struct reader *reader, char *line)
{
	char *value = strchr(line, '=');

	if (line[0] == '[')
		reader->in_service = strcmp(line, "[Service]") == 0;
	reader->has_service = reader->has_service || reader->in_service;
	if (value == NULL || !reader->in_service || reader->order == 0)
		return;
	*value++ = '\0';
	line = strip(line);
	value = strip(value);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct key *key = &keys[i];

		if (strcmp(line, key->name) != 0)
			continue;
		if (reader->order > 0 && value[0] == '\0' &&
		    (key->kind == BINDS || strcmp(line, "RootDirectory") == 0))
			die_at(reader->place, line, "=: undoes that of confinement.conf, too");
		add(service, (struct service_setting){key, reader->place, value});
	}
}

void service_read(struct service *service, const struct setting *file)
{
	bool is_option = file->origin[0] == '-';
	struct reader reader = {.place = {read_text(service->text, file, is_option), 0},
				.next = service->text,
				.is_option = is_option,
				.order = -1};

	service->n = 0;
	/* systemd skips a byte order mark. */
	if (strncmp(reader.next, "\xef\xbb\xbf", 3) == 0)
		reader.next += 3;
	while (reader.next != NULL)
		parse(service, &reader, strip(take_line(&reader)));
	/* Perhaps "systemctl cat" has failed, or it is the name of a file instead of its text. */
	if (!reader.has_service)
		die(reader.place.name, "has no section [Service]");
}

char *service_word(char **next)
{
	char *from = *next + strspn(*next, BLANKS), *word = from, *to = from, quote = '\0';

	if (*from == '\0')
		return NULL;
	for (; *from != '\0' && (quote != '\0' || strchr(BLANKS, *from) == NULL); from++) {
		if (*from == '\\' && from[1] != '\0') {
			*to++ = *from++;
		} else if (*from == quote || (quote == '\0' && strchr("\"'", *from) != NULL)) {
			quote = (char)(*from == quote ? '\0' : *from);
			continue;
		}
		*to++ = *from;
	}
	*next = *from == '\0' ? from : from + 1;
	*to = '\0';
	return quote == '\0' ? word : NULL;
}
