/* SPDX-License-Identifier: MIT */
/*
 * Looks around inside a confined service, or tries a way out. Usage: probe CHECK ARGUMENT...
 *
 *   list DIR             prints the paths in DIR
 *   only-read DIR        everything below DIR can be read, and nothing can be changed
 *   hidden PATH...       no PATH exists, except as an empty directory
 *   mounts DIR           prints the result of each change to a mount in DIR
 *   view DIR...          prints mode, owner, access and mount flags of every file below each DIR
 *   limits PATH=LEVEL... no file below PATH allows more than LEVEL: nothing, readable, special,
 *                        sticky or writable; with any, nothing below it is looked at
 *   new-proc DIR         mounts a new proc on DIR, in new mount and PID namespaces, and writes to
 *                        sys/kernel/core_pattern there what it reads there
 *   trace any            attaches to any other process
 *   open PATH            opens PATH
 *   endow PATH           gives the file PATH a capability, for "gain"
 *   gain any             prints the effective user, and whether the file of the program gave rights
 *
 * Prints one line for everything that is wrong, and how many files it looked at, or what came of a
 * try. Exits with 1 if anything is wrong.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/magic.h>

static bool all_well = true;
static unsigned long seen;

static void wrong(const char *path, const char *what)
{
	printf("%s: %s\n", path, what);
	all_well = false;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Names the files of can_create_in(). In /dev/shm, those of other services appear, too. */
#define TRIAL ".probe."

/* A directory to visit. nftw(3) would fail at a directory in /proc that disappears before its
 * turn. */
struct todo {
	struct todo *next;
	char path[];
};

static void push(struct todo **top, const char *path)
{
	size_t size = strlen(path) + 1;
	struct todo *todo = malloc(sizeof(*todo) + size);

	if (todo == NULL)
		abort();
	todo->next = *top;
	memcpy(todo->path, path, size);
	*top = todo;
}

/* Returns whether to visit what is below PATH. */
typedef bool visitor(const char *path, const struct stat *status);

/* Calls VISIT for every file below START, without following symlinks. */
static void walk(const char *start, visitor *visit)
{
	struct todo *top = NULL, *todo;

	push(&top, start);
	while ((todo = top) != NULL) {
		const char *parent = strcmp(todo->path, "/") == 0 ? "" : todo->path;
		struct dirent *entry;
		DIR *dir = opendir(todo->path);

		top = todo->next;
		while (dir != NULL && (entry = readdir(dir)) != NULL) {
			char path[PATH_MAX];
			struct stat status;

			if (is_dots(entry->d_name) ||
			    strncmp(entry->d_name, TRIAL, strlen(TRIAL)) == 0 ||
			    snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name) >=
				    (int)sizeof(path) ||
			    lstat(path, &status) < 0)
				continue;
			if (!S_ISLNK(status.st_mode))
				seen++;
			if (visit(path, &status) && S_ISDIR(status.st_mode))
				push(&top, path);
		}
		if (dir != NULL)
			closedir(dir);
		free(todo);
	}
}

static void list(char *paths[])
{
	const char *path = *paths;
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (dir == NULL) {
		wrong(path, strerror(errno));
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (!is_dots(entry->d_name))
			printf("%s/%s\n", path, entry->d_name);
	}
	closedir(dir);
}

static bool can_create_in(const char *dir)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/" TRIAL "%d", dir, getpid()) >= (int)sizeof(path))
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	close(fd);
	unlink(path);
	return true;
}

static bool can_read(const char *file)
{
	char buffer[64 * 1024];
	ssize_t n = -1;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		;
	close(fd);
	return n == 0;
}

/* Tries to change a file or directory in every way. */
static void try_to_change(const char *path, const struct stat *status)
{
	const struct timespec times[] = {status->st_atim, status->st_mtim};
	char other[PATH_MAX];

	if (S_ISDIR(status->st_mode)) {
		if (can_create_in(path))
			wrong(path, "something can be created in it");
	} else {
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0) {
			wrong(path, "can be written");
			close(fd);
		}
		if (truncate(path, status->st_size) == 0)
			wrong(path, "can be truncated");
	}
	if (chmod(path, status->st_mode & 07777) == 0)
		wrong(path, "its mode can be changed");
	if (chown(path, status->st_uid, status->st_gid) == 0)
		wrong(path, "its owner can be changed");
	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0)
		wrong(path, "its time can be changed");
	if (snprintf(other, sizeof(other), "%s.probe", path) < (int)sizeof(other) &&
	    rename(path, other) == 0) {
		wrong(path, "can be renamed");
		(void)rename(other, path);
	}
}

static bool visit_only_read(const char *path, const struct stat *status)
{
	if (S_ISLNK(status->st_mode))
		return true;
	if (S_ISDIR(status->st_mode) ? access(path, R_OK | X_OK) != 0 : !can_read(path))
		wrong(path, "cannot be read");
	try_to_change(path, status);
	return true;
}

static void only_read(char *paths[])
{
	walk(*paths, visit_only_read);
	printf("read: %lu\n", seen);
}

/* The path may be an empty directory, as systemd makes them in a root directory, or a directory
 * that cannot be read. */
static void is_hidden(const char *path)
{
	struct stat status;
	struct dirent *entry;
	DIR *dir;

	seen++;
	if (lstat(path, &status) < 0)
		return;
	if (!S_ISDIR(status.st_mode)) {
		wrong(path, "exists");
		return;
	}
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (!is_dots(entry->d_name))
			wrong(path, "is not empty");
	}
	closedir(dir);
}

static void hidden(char *paths[])
{
	for (; *paths != NULL; paths++)
		is_hidden(*paths);
	printf("looked for: %lu\n", seen);
}

static int came_of(const char *what, int result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "done");
	return result;
}

/* Tries to write to each mount in a directory, to make it writable, and to cover or unmount it. */
static void mounts(char *paths[])
{
	const char *top = *paths;
	struct dirent *entry;
	DIR *dir = opendir(top);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[PATH_MAX];

		if (is_dots(entry->d_name) ||
		    snprintf(path, sizeof(path), "%s/%s", top, entry->d_name) >= (int)sizeof(path))
			continue;
		printf("%s\n", path);
		came_of("  chmod", chmod(path, 0555));
		came_of("  create", can_create_in(path) ? 0 : -1);
		came_of("  remount", mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL));
		came_of("  chmod then", chmod(path, 0555));
		came_of("  bind over", mount(path, path, NULL, MS_BIND, NULL));
		came_of("  unmount", umount2(path, MNT_DETACH));
	}
	if (dir != NULL)
		closedir(dir);
}

enum level { NOTHING, READABLE, SPECIAL, STICKY, WRITABLE, ANY };
static const char *const level_names[] = {"nothing", "readable", "special",
					  "sticky",  "writable", "any"};

/* Whether this is a file system of the kernel, where a write is a request instead of data. */
static bool is_special(const struct statfs *status)
{
	static const unsigned long special[] = {
		PROC_SUPER_MAGIC,    SYSFS_MAGIC,	 CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, 0x19800202 /* mqueue */,
		SECURITYFS_MAGIC,    DEBUGFS_MAGIC,	 TRACEFS_MAGIC,
		BPF_FS_MAGIC,	     PSTOREFS_MAGIC,	 HUGETLBFS_MAGIC,
		0x65735543 /* fusectl */};

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if ((unsigned long)status->f_type == special[i])
			return true;
	}
	return false;
}

static enum level level_of(const char *path, const struct stat *status)
{
	struct statfs file_system;

	/* A file in /proc may be gone by now, and then allows nothing. */
	if (statfs(path, &file_system) < 0)
		return NOTHING;
	if (is_special(&file_system)) {
		if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
			return SPECIAL;
	} else if (S_ISDIR(status->st_mode)) {
		if (can_create_in(path))
			return (status->st_mode & S_ISVTX) != 0 ? STICKY : WRITABLE;
	} else if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0) {
		return S_ISREG(status->st_mode) ? WRITABLE : SPECIAL;
	}
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 ||
	    (S_ISDIR(status->st_mode) && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0))
		return READABLE;
	return NOTHING;
}

/* Two services have two dynamic users, of systemd's range. */
static void print_id(unsigned id)
{
	if (id >= 61184 && id <= 65519)
		printf(" dynamic");
	else
		printf(" %u", id);
}

static bool visit_view(const char *path, const struct stat *status)
{
	struct statvfs mounted = {0};

	printf("view %s %o", path, (unsigned)status->st_mode);
	print_id((unsigned)status->st_uid);
	print_id((unsigned)status->st_gid);
	if (!S_ISLNK(status->st_mode) && statvfs(path, &mounted) == 0)
		printf(" %s%s%s%s%s", level_names[level_of(path, status)],
		       (mounted.f_flag & ST_RDONLY) != 0 ? " ro" : "",
		       (mounted.f_flag & ST_NOSUID) != 0 ? " nosuid" : "",
		       (mounted.f_flag & ST_NODEV) != 0 ? " nodev" : "",
		       (mounted.f_flag & ST_NOEXEC) != 0 ? " noexec" : "");
	printf("\n");
	return true;
}

static void view(char *paths[])
{
	for (; *paths != NULL; paths++)
		walk(*paths, visit_view);
}

static char **limit_texts;

/* Returns the level of the longest PATH=LEVEL that covers PATH. */
static enum level limit_of(const char *path)
{
	size_t longest = 0;
	enum level limit = NOTHING;

	for (char **text = limit_texts; *text != NULL; text++) {
		char *equals = strrchr(*text, '=');
		size_t length = (size_t)(equals - *text);

		if (length == 1)
			length = 0; /* "/" covers everything */
		if (strncmp(path, *text, length) != 0 ||
		    (path[length] != '/' && path[length] != '\0') || length < longest)
			continue;
		longest = length;
		for (limit = NOTHING; strcmp(level_names[limit], equals + 1) != 0; limit++) {
			if (limit == ANY)
				abort();
		}
	}
	return limit;
}

static bool visit_limited(const char *path, const struct stat *status)
{
	enum level level, limit = limit_of(path);

	if (S_ISLNK(status->st_mode) || limit == ANY)
		return false;
	level = level_of(path, status);
	if (level > limit) {
		printf("%s: is %s, should be %s at most\n", path, level_names[level],
		       level_names[limit]);
		all_well = false;
	}
	return true;
}

static void limits(char *texts[])
{
	struct stat root;

	limit_texts = texts;
	if (lstat("/", &root) == 0)
		visit_limited("/", &root);
	walk("/", visit_limited);
	printf("user %d, looked at: %lu\n", (int)geteuid(), seen);
}

/* The content does not change, so nothing is left of a success. */
static void rewrite(const char *path)
{
	char content[4096];
	int file = open(path, O_RDWR | O_CLOEXEC);
	ssize_t n = file < 0 ? -1 : read(file, content, sizeof(content));

	came_of("write core_pattern", n < 0 || pwrite(file, content, (size_t)n, 0) != n ? -1 : 0);
	if (file >= 0)
		close(file);
}

static void new_proc(char *paths[])
{
	pid_t child;

	/* In a new user namespace, a process has all capabilities. */
	if (came_of("unshare", unshare(CLONE_NEWNS | CLONE_NEWPID)) < 0 &&
	    came_of("unshare user", unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)) < 0)
		return;
	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "%s/sys/kernel/core_pattern", *paths);
		if (came_of("mount proc", mount("proc", *paths, "proc", 0, NULL)) >= 0)
			rewrite(path);
		exit(0);
	}
	waitpid(child, NULL, 0);
}

/* Process IDs are tried in turn, since a chroot-only service has no /proc. */
static void trace(char *paths[])
{
	int last = ESRCH;

	(void)paths;

	for (pid_t pid = 1; pid <= 4 * 1024 * 1024; pid++) {
		if (pid == getpid() || kill(pid, 0) < 0)
			continue;
		if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0) {
			waitpid(pid, NULL, 0);
			ptrace(PTRACE_DETACH, pid, NULL, NULL);
			last = 0;
			break;
		}
		last = errno;
	}
	printf("trace: %s\n", last == 0 ? "done" : strerror(last));
}

/* In the format of capabilities(7), which is little-endian, on a machine that is. */
static void endow(char *paths[])
{
	static const uint32_t net_raw[] = {0x02000001, 1U << 13, 0, 0, 0};

	came_of("endow", setxattr(*paths, "security.capability", net_raw, sizeof(net_raw), 0));
}

static void open_path(char *paths[])
{
	came_of("open", open(*paths, O_RDONLY | O_CLOEXEC));
}

static void gain(char *paths[])
{
	(void)paths;
	printf("user %d, gained: %s\n", (int)geteuid(), getauxval(AT_SECURE) != 0 ? "yes" : "no");
}

static const struct {
	const char *name;
	void (*check)(char *arguments[]);
} checks[] = {
	{"list", list},	     {"only-read", only_read}, {"hidden", hidden},     {"mounts", mounts},
	{"view", view},	     {"limits", limits},       {"new-proc", new_proc}, {"trace", trace},
	{"open", open_path}, {"endow", endow},	       {"gain", gain},
};

int main(int argc, char *argv[])
{
	for (size_t i = 0; argc > 2 && i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(argv[1], checks[i].name) == 0) {
			checks[i].check(argv + 2);
			return fflush(stdout) == 0 && all_well ? 0 : 1;
		}
	}
	(void)fputs("usage: probe CHECK ARGUMENT...\n", stderr);
	return 2;
}
