/*
 * files.c - folders, log files, the lock and the pid file.
 *
 * Runs in: master.
 * Owns: the log descriptors, the lock, run_dir/aigwd.pid.
 *
 * When the master is root and the children are not, a child broken into may
 * do what it likes in a folder of its user. So run_dir and log_dir stay
 * root's (run_dir sticky and writable for the group), files are opened
 * without following links, and only what was made here is given away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "master/master.h"

static const char *const log_names[MASTER_LOGS] = {
	"error.log", "access.log", "api-error.jsonl"
};

static char *
join(const char *dir, const char *name)
{
	size_t n = strlen(dir) + strlen(name) + 2;
	char *s = xmalloc(n);

	snprintf(s, n, "%s/%s", dir, name);
	return s;
}

/* Make the parents of path. */
static void
make_parents(const char *path)
{
	char *copy = xstrdup(path), *p;

	for (p = copy + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			(void)mkdir(copy, 0755);
			*p = '/';
		}
	free(copy);
}

/*
 * A folder as the children need it. One that root owns gets owner (or stays
 * root's), group and mode; one of the children's user stays as it is.
 */
static int
folder(struct master *m, const char *path, int give, mode_t mode)
{
	struct stat st;
	int fd, rc = 0;

	make_parents(path);
	if (mkdir(path, mode) < 0 && errno != EEXIST) {
		log_errore("%s cannot be made", path);
		return ERR_SYSTEM;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		log_errore("%s cannot be used", path);
		fd_close(&fd);
		return ERR_SYSTEM;
	}
	if (geteuid() == 0 && m->uid != 0 && st.st_uid == 0 &&
	    (fchown(fd, give ? m->uid : 0, m->gid) < 0 ||
	    fchmod(fd, mode) < 0)) {
		log_errore("%s cannot be given to the children", path);
		rc = ERR_SYSTEM;
	}
	fd_close(&fd);
	return rc;
}

int
files_folders(struct master *m, const struct conf *c)
{
	int rc;

	rc = folder(m, c->run_dir, 0, geteuid() == 0 ? 01775 : 0755);
	if (rc == 0)
		rc = folder(m, c->state_dir, 1, 0700);
	if (rc == 0)
		rc = folder(m, c->log_dir, 0, 0750);
	return rc;
}

/* One master per run_dir; an upgrade hands the lock over. */
int
files_lock(struct master *m, const struct conf *c)
{
	char *path = join(c->run_dir, "aigwd.lock");
	int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW, rc = 0;

	free(m->pid_path);
	free(m->old_pid_path);
	m->pid_path = join(c->run_dir, "aigwd.pid");
	m->old_pid_path = join(c->run_dir, "aigwd.pid.oldbin");
	if (m->lock_fd >= 0)
		goto out;		/* adopted from the old binary */
	m->lock_fd = open(path, flags);
	if (m->lock_fd < 0)
		m->lock_fd = open(path, flags | O_CREAT, 0600);
	if (m->lock_fd < 0) {
		log_errore("%s cannot be opened", path);
		rc = ERR_SYSTEM;
	} else if (flock(m->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		log_error("another aigwd runs in %s", c->run_dir);
		rc = ERR_BUSY;
	}
out:
	free(path);
	return rc;
}

static int
open_log(struct master *m, const char *dir, const char *name)
{
	int fd, made = 1, flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	char *path = join(dir, name);
	struct stat st;

	fd = open(path, flags | O_CREAT | O_EXCL, 0640);
	if (fd < 0 && errno == EEXIST) {
		made = 0;
		fd = open(path, flags);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		log_errore("%s cannot be opened", path);
	else if (S_ISREG(st.st_mode) && st.st_nlink > 1) {
		log_error("%s has more than one name", path);
		fd_close(&fd);
	} else if (made && geteuid() == 0 &&
	    fchown(fd, (uid_t)-1, m->gid) < 0)
		log_warne("%s keeps its group", path);
	free(path);
	return fd;
}

/* All three or none; the descriptor numbers in use stay. */
int
files_logs_open(struct master *m, const struct conf *c)
{
	int i, fd[MASTER_LOGS], rc = 0;

	for (i = 0; i < MASTER_LOGS; i++)
		if ((fd[i] = open_log(m, c->log_dir, log_names[i])) < 0)
			rc = ERR_SYSTEM;
	for (i = 0; i < MASTER_LOGS; i++) {
		if (rc == 0 && m->log_fd[i] < 0) {
			m->log_fd[i] = fd[i];
			continue;
		}
		if (rc == 0 && dup3(fd[i], m->log_fd[i], O_CLOEXEC) < 0)
			rc = ERR_SYSTEM;
		fd_close(&fd[i]);
	}
	if (rc == 0)
		log_set_fd(m->log_fd[0]);
	return rc;
}

void
files_logs_reopen(struct master *m)
{
	struct proc *p;
	int fds[MASTER_LOGS];

	if (files_logs_open(m, m->current->conf) != 0) {
		log_error("the old log files stay in use");
		return;
	}
	log_notice("log files reopened");
	TAILQ_FOREACH(p, &m->procs, link) {
		fds[0] = m->log_fd[0];
		fds[1] = p->row->flags & ROLE_ACCESS_LOG ? m->log_fd[1] :
		    m->null_fd;
		fds[2] = p->row->flags & ROLE_API_LOG ? m->log_fd[2] :
		    m->null_fd;
		contract_send(p, MSG_REOPEN, 0, 0, fds, MASTER_LOGS);
	}
}

int
files_pid_write(struct master *m)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (fd_write_file(m->pid_path, text, (size_t)n, 0644) != 0) {
		log_errore("%s cannot be written", m->pid_path);
		return ERR_SYSTEM;
	}
	m->pid_written = 1;
	return 0;
}

int
files_pid_aside(struct master *m)
{
	if (rename(m->pid_path, m->old_pid_path) == 0)
		return 0;
	log_errore("%s cannot be renamed", m->pid_path);
	return ERR_SYSTEM;
}

void
files_pid_back(struct master *m)
{
	if (rename(m->old_pid_path, m->pid_path) < 0)
		(void)files_pid_write(m);
}

/* Remove path if this process stands in it. */
static void
remove_own(const char *path)
{
	uint64_t pid = 0;
	struct buf b;

	buf_init(&b, 64);
	if (fd_read_file(path, &b) == 0 &&
	    num_u64(str_make(buf_ptr(&b), strcspn(buf_ptr(&b), "\n")), &pid)
	    == 0 && pid == (uint64_t)getpid())
		unlink(path);
	buf_free(&b);
}

void
files_pid_remove(struct master *m)
{
	if (!m->pid_written)
		return;
	remove_own(m->pid_path);
	remove_own(m->old_pid_path);
}
