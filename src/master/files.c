/*
 * files.c - folders, log files, the lock and the pid file of the master.
 *
 * Runs in: master.
 * Owns: the log descriptors, the lock, run_dir/aigwd.pid.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "master/master.h"
#include "proc/folder.h"

static const char *const log_names[MASTER_LOGS] = {
	"error.log", "access.log", "api-error.jsonl"
};

int
files_folders(struct master *m, const struct conf *c)
{
	int rc;

	rc = folder_make(c->run_dir, m->uid, m->gid, 0, geteuid() == 0 ?
	    01775 : 0755);
	if (rc == 0)
		rc = folder_make(c->state_dir, m->uid, m->gid, 1, 0700);
	if (rc == 0)
		rc = folder_make(c->log_dir, m->uid, m->gid, 0, 0750);
	return rc;
}

/* One master per run_dir; an upgrade hands the lock over. */
int
files_lock(struct master *m, const struct conf *c)
{
	char *path = folder_join(c->run_dir, "aigwd.lock");

	m->pid_path = folder_join(c->run_dir, "aigwd.pid");
	m->old_pid_path = folder_join(c->run_dir, "aigwd.pid.oldbin");
	if (m->lock_fd < 0)
		m->lock_fd = folder_lock(path);
	if (m->lock_fd == ERR_BUSY)
		log_error("another aigwd runs in %s", c->run_dir);
	free(path);
	return m->lock_fd < 0 ? m->lock_fd : 0;
}

int
files_logs_open(struct master *m, const struct conf *c)
{
	int rc = folder_open_logs(c->log_dir, log_names, MASTER_LOGS, m->gid,
	    m->log_fd);

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
		spawn_logs(m, p->row, fds);
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

void
files_pid_remove(struct master *m)
{
	if (!m->pid_written)
		return;
	if (folder_read_pid(m->pid_path) == getpid())
		unlink(m->pid_path);
	if (folder_read_pid(m->old_pid_path) == getpid())
		unlink(m->old_pid_path);
}
