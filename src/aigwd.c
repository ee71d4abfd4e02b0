/*
 * aigwd.c - the gateway daemon: master, or one of its children.
 *
 * Runs in: every process of the daemon.
 * Owns: the table of roles.
 */
int
main(void)
{
	return 0;
}
