# Files of contrib.
EXTRA_DIST += contrib/aigwctl.bash-completion
completiondir = $(datadir)/bash-completion/completions
nodist_completion_DATA = contrib/aigwctl
CLEANFILES += contrib/aigwctl
contrib/aigwctl: contrib/aigwctl.bash-completion
	@$(MKDIR_P) contrib
	$(AM_V_GEN)cp $(srcdir)/contrib/aigwctl.bash-completion $@
