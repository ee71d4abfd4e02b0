# The rules of the house, checked: "make lint". A rule that must be broken
# somewhere: tests/lint/allow.
TESTS += tests/lint/lint_test tests/lint/hardening_test
EXTRA_DIST += tests/lint/lint tests/lint/lint_test tests/lint/allow \
	tests/lint/hardening_test

lint:
	@LINT_CC="$(CC) $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) -Werror" \
		$(top_srcdir)/tests/lint/lint $(top_srcdir)
.PHONY: lint

# What was installed is as hard as what was built.
installcheck-local:
	$(top_srcdir)/tests/lint/hardening_test \
		"$(DESTDIR)$(sbindir)" "$(DESTDIR)$(bindir)"
