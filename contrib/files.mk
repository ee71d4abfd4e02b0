# Files of contrib.
EXTRA_DIST += contrib/aigwctl.bash-completion
completiondir = $(datadir)/bash-completion/completions
nodist_completion_DATA = contrib/aigwctl
CLEANFILES += contrib/aigwctl
contrib/aigwctl: contrib/aigwctl.bash-completion
	@$(MKDIR_P) contrib
	$(AM_V_GEN)cp $(srcdir)/contrib/aigwctl.bash-completion $@
EXTRA_DIST += contrib/setup contrib/setup-run.sh contrib/setup-check.sh \
	contrib/Dockerfile contrib/docker-compose.yml contrib/entrypoint.sh \
	contrib/aigw.service.in .ci/run

systemdsystemunit_DATA = contrib/aigw.service
CLEANFILES += contrib/aigw.service

contrib/aigw.service: $(srcdir)/contrib/aigw.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib && $(SED) \
	    -e 's|@sbindir@|$(sbindir)|g' \
	    -e 's|@sysconfdir@|$(sysconfdir)|g' \
	    $(srcdir)/contrib/aigw.service.in >$@

dist_doc_DATA = README HACKING NEWS COPYING AUTHORS
