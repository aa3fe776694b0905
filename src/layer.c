/* SPDX-License-Identifier: MIT */
#include "layer.h"

#include "path.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Characters of names in the store, and "/", that tmpfiles.d(5) takes literally, but "?", a glob.
 */
static const char harmless[] = LETTERS_AND_DIGITS "+._?=-/";

/* Adds STRINGS, up to a NULL, to the file and to the fingerprint. */
static bool add_strings(struct layer *layer, const char *const strings[])
{
	for (; *strings != NULL; strings++) {
		size_t size = strlen(*strings);

		for (size_t i = 0; i < size; i++) {
			layer->fingerprint ^= (unsigned char)(*strings)[i];
			layer->fingerprint *= UINT64_C(0x100000001b3);
		}
		if (!publish_add(&layer->file, *strings, size))
			return false;
	}
	return true;
}

#define ADD(layer, ...) add_strings((layer), (const char *const[]){__VA_ARGS__, NULL})

/* Writes VALUE as WIDTH digits of BITS bits each, and a NUL. */
static void put_digits(char *text, size_t width, unsigned bits, uint64_t value)
{
	text[width] = '\0';
	while (width-- > 0) {
		text[width] = "0123456789abcdef"[value & ((1U << bits) - 1)];
		value >>= bits;
	}
}

/* Adds the line that makes REST in the layer. TYPE is "d" or "f". */
static bool add_inode(struct layer *layer, const char *type, const char *rest, const char *mode)
{
	return ADD(layer, type, " ", layer->dir, "/layer/store", rest, " ", mode, " root root -\n");
}

/* Adds the line that sets ATTRIBUTE of REST in the layer. */
static bool add_attribute(struct layer *layer, const char *rest, const char *attribute,
			  const char *value)
{
	bool added = ADD(layer, "t ", layer->dir, "/layer/store");

	/* The path of a "t" line is a glob. */
	while (added && *rest != '\0') {
		char part[PATH_MAX];
		size_t len = strcspn(rest, "?");

		memcpy(part, rest, len);
		part[len] = '\0';
		rest += len;
		added = ADD(layer, part, *rest == '?' ? "[?]" : "");
		rest += *rest == '?';
	}
	return added && ADD(layer, " - - - - trusted.overlay.", attribute, "=", value, "\n");
}

bool layer_begin(struct layer *layer, const char *out, const char *dir, const struct rule *rule)
{
	const char *name = strrchr(dir, '/') + 1;

	layer->dir = dir;
	layer->rule = rule;
	layer->fingerprint = UINT64_C(0xcbf29ce484222325);
	/* An empty closure needs no store. */
	if (rule->real_store[0] == '\0' && rule->store_error != ENOENT)
		return complain_errno(rule->store, rule->store_error);
	if (!publish_begin(&layer->file,
			   (const char *[]){out, "/lib/tmpfiles.d/", name, ".conf", NULL}))
		return false;
	/* Opaque, so that it does not merge with a "store" in the store. */
	if (add_inode(layer, "d", "", "0755") && add_attribute(layer, "", "opaque", "y"))
		return true;
	publish_abandon(&layer->file);
	return false;
}

enum layer_outcome layer_add(struct layer *layer, struct place place, const struct bind *bind)
{
	const char *rest = path_below(bind->destination, layer->rule->store);
	const char *real_rest = rule_below_store(layer->rule, bind->real);
	struct stat status;
	char mode[sizeof("0755")];
	bool added;

	if (layer->rule->real_store[0] == '\0') {
		complain_errno(layer->rule->store, layer->rule->store_error);
		return LAYER_FAILED;
	}
	if (rest == NULL)
		return LAYER_BINDS;
	if (strspn(rest, harmless) != strlen(rest)) {
		complain(place, "contains a character that is not safe in tmpfiles.d: ",
			 bind->destination);
		return LAYER_FAILED;
	}
	if (stat(bind->real, &status) < 0) {
		complain(place, strerror(errno), ": ", bind->real);
		return LAYER_FAILED;
	}
	if (!S_ISDIR(status.st_mode))
		return add_inode(layer, "f", rest, "0444") ? LAYER_BINDS : LAYER_FAILED;
	put_digits(mode, sizeof(mode) - 1, 3, status.st_mode & 07777);
	if (!add_inode(layer, "d", rest, mode))
		return LAYER_FAILED;
	if (real_rest == NULL || strspn(real_rest, harmless) != strlen(real_rest))
		return LAYER_BINDS;
	added = add_attribute(layer, rest, "redirect", real_rest);
	return added ? LAYER_SHOWS : LAYER_FAILED;
}

bool layer_end(struct layer *layer, char mark[LAYER_MARK_SIZE])
{
	put_digits(stpcpy(mark, "closure-"), 16, 4, layer->fingerprint);
	return ADD(layer, "f ", layer->dir, "/layer/", mark, " 0444 root root -\n");
}
