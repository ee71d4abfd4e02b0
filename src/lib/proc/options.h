/*
 * options.h - the command line of aigwd, and becoming a daemon.
 */
#ifndef PROC_OPTIONS_H
#define PROC_OPTIONS_H

struct options {
	const char	*conf_path;	/* absolute; NULL: environment only */
	const char	*env_file;
	const char	*exe_path;	/* where an upgrade finds its binary */
	int		 foreground;
	int		 report_fd;	/* told "R" by a ready daemon; -1 */
	char		**argv;
};

/*
 * Do what the command line says: the exit status when that was all (-t, -T,
 * -V, -h, a mistake, the part of a daemon that stays with the shell), or -1
 * in the process that shall be the master; it logs to the terminal then.
 */
int options_read(int argc, char **argv, struct options *o);

#endif
