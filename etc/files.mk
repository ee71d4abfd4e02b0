# Files of etc. What an administrator edits is never overwritten: a new sample
# then stands beside it, as aigw.conf.dist.
EXTRA_DIST += etc/aigw.conf etc/aigw.env.example etc/aigw.logrotate \
	etc/prices.conf

etcdir = $(sysconfdir)/aigw
logrotatedir = $(sysconfdir)/logrotate.d
etc_edited = aigw.conf prices.conf

install-data-local: install-etc
uninstall-local: uninstall-etc

.PHONY: install-etc uninstall-etc
install-etc:
	$(MKDIR_P) '$(DESTDIR)$(etcdir)' '$(DESTDIR)$(logrotatedir)'
	@for f in $(etc_edited); do \
		to='$(DESTDIR)$(etcdir)'/$$f; \
		if test ! -f "$$to"; then \
			$(INSTALL_DATA) $(srcdir)/etc/$$f "$$to"; \
		elif cmp -s $(srcdir)/etc/$$f "$$to"; then :; \
		else \
			$(INSTALL_DATA) $(srcdir)/etc/$$f "$$to.dist"; \
		fi || exit 1; \
	done
	$(INSTALL_DATA) $(srcdir)/etc/aigw.env.example '$(DESTDIR)$(etcdir)'
	test -f '$(DESTDIR)$(logrotatedir)/aigw' || \
	    $(INSTALL_DATA) $(srcdir)/etc/aigw.logrotate \
	    '$(DESTDIR)$(logrotatedir)/aigw'

# An edited file stays.
uninstall-etc:
	@for f in $(etc_edited); do \
		to='$(DESTDIR)$(etcdir)'/$$f; \
		if cmp -s $(srcdir)/etc/$$f "$$to"; then rm -f "$$to"; fi; \
		rm -f "$$to.dist"; \
	done
	rm -f '$(DESTDIR)$(etcdir)/aigw.env.example'
	if cmp -s $(srcdir)/etc/aigw.logrotate \
	    '$(DESTDIR)$(logrotatedir)/aigw'; then \
		rm -f '$(DESTDIR)$(logrotatedir)/aigw'; fi
	-rmdir '$(DESTDIR)$(etcdir)' 2>/dev/null
