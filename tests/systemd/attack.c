/* SPDX-License-Identifier: MIT */
/*
 * Tries one way out of a confined service, or past the store's mount. Usage: attack WAY
 * [ARGUMENT]...
 *
 *   new-proc DIR    mounts a new proc on DIR, in new mount and PID namespaces, and writes to
 *                   sys/kernel/core_pattern there what it reads there
 *   trace           attaches to any other process
 *   open PATH       opens PATH
 *   gain            prints the effective user, and whether the file of the program gave it rights
 *   endow PATH      gives the file PATH a capability, for "gain"
 *
 * Prints what came of it. Exits with 0, whether it succeeded or not.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static int came_of(const char *what, int result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "done");
	return result;
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

static void mount_new_proc(const char *dir)
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

		(void)snprintf(path, sizeof(path), "%s/sys/kernel/core_pattern", dir);
		if (came_of("mount proc", mount("proc", dir, "proc", 0, NULL)) >= 0)
			rewrite(path);
		exit(0);
	}
	waitpid(child, NULL, 0);
}

/* Process IDs are tried in turn, since a chroot-only service has no /proc. */
static void trace(void)
{
	int last = ESRCH;

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
static void endow(const char *path)
{
	static const uint32_t net_raw[] = {0x02000001, 1U << 13, 0, 0, 0};

	came_of("endow", setxattr(path, "security.capability", net_raw, sizeof(net_raw), 0));
}

int main(int argc, char *argv[])
{
	const char *way = argc < 2 ? "" : argv[1], *path = argc < 3 ? "/" : argv[2];

	if (strcmp(way, "new-proc") == 0) {
		mount_new_proc(path);
	} else if (strcmp(way, "trace") == 0) {
		trace();
	} else if (strcmp(way, "open") == 0) {
		came_of("open", open(path, O_RDONLY | O_CLOEXEC));
	} else if (strcmp(way, "gain") == 0) {
		printf("user %d, gained: %s\n", (int)geteuid(),
		       getauxval(AT_SECURE) != 0 ? "yes" : "no");
	} else if (strcmp(way, "endow") == 0) {
		endow(path);
	} else {
		(void)fputs("usage: attack WAY [ARGUMENT]...\n", stderr);
		return 2;
	}
	return fflush(stdout);
}
