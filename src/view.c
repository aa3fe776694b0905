/* SPDX-License-Identifier: MIT */
#include "view.h"

#include "path.h"

#include <string.h>

bool view_apply(const struct view *view, struct bind *bind, struct place place)
{
	const char *rest;
	size_t dir_len, rest_len;

	if (view->dir == NULL || bind->source == NULL)
		return true;
	rest = path_below(bind->source, view->rule->store);
	if (rest == NULL)
		return true;
	/* What was resolved is real, and so is what lies in the store itself. */
	if (bind->source != bind->resolved && strchr(rest + 1, '/') != NULL &&
	    !rule_is_real(view->rule, bind->source))
		return true;
	dir_len = strlen(view->dir);
	rest_len = strlen(rest);
	if (dir_len + rest_len >= PATH_MAX)
		return complain(place, "too long below the view: ", bind->source);
	/* REST may lie in the buffer. */
	memmove(bind->resolved + dir_len, rest, rest_len + 1);
	memcpy(bind->resolved, view->dir, dir_len);
	bind->source = bind->resolved;
	bind->from_view = true;
	return true;
}
