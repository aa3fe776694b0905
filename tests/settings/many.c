/* SPDX-License-Identifier: MIT */
/* What programs in C do with processes, threads, locks, shared memory and events, which settings
 * may forbid. */
#include <assert.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *post(void *semaphore)
{
	assert(sem_post(semaphore) == 0);
	return NULL;
}

static void processes(void)
{
	cpu_set_t processors;
	pthread_t thread;
	sem_t *semaphore = mmap(NULL, sizeof(*semaphore), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert(semaphore != MAP_FAILED && sem_init(semaphore, 1, 0) == 0);
	assert(pthread_create(&thread, NULL, post, semaphore) == 0);
	assert(pthread_join(thread, NULL) == 0);
	if (fork() == 0)
		_exit(setsid() == -1 || sem_post(semaphore) != 0);
	assert(sem_wait(semaphore) == 0 && sem_wait(semaphore) == 0 && wait(NULL) != -1);
	assert(sched_getaffinity(0, sizeof(processors), &processors) == 0);
	assert(sched_setaffinity(0, sizeof(processors), &processors) == 0);
	assert(nice(1) != -1);
}

static void shared_memory(void)
{
	struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 1};

	assert(shm_open("/many", O_RDWR | O_CREAT, 0600) != -1 && shm_unlink("/many") == 0);
	assert(sem_open("/many", O_CREAT, 0600, 1) != SEM_FAILED && sem_unlink("/many") == 0);
	assert(mq_open("/many", O_RDWR | O_CREAT, 0600, &attributes) != -1);
	assert(shmget(IPC_PRIVATE, 1, 0600) != -1 && semget(IPC_PRIVATE, 1, 0600) != -1);
	assert(flock(memfd_create("many", 0), LOCK_EX) == 0);
}

static void events(void)
{
	struct ifaddrs *addresses;
	sigset_t signals;
	timer_t timer;
	char c;

	sigemptyset(&signals);
	assert(epoll_create1(0) != -1 && eventfd(0, 0) != -1 && inotify_init() != -1);
	assert(signalfd(-1, &signals, 0) != -1 && timerfd_create(CLOCK_MONOTONIC, 0) != -1);
	assert(timer_create(CLOCK_REALTIME, NULL, &timer) == 0 && getrandom(&c, 1, 0) == 1);
	assert(getifaddrs(&addresses) == 0 && socket(AF_INET6, SOCK_DGRAM, 0) != -1);
}

int main(void)
{
	processes();
	shared_memory();
	events();
	return 0;
}
