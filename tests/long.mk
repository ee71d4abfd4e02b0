# The long campaigns: minutes each, figures to tests/RESULTS.
EXTRA_DIST += tests/long

check-long: all $(check_PROGRAMS) $(check_SCRIPTS)
	AIGW_BUILD='$(abs_builddir)' $(PYTHON3) $(srcdir)/tests/long
.PHONY: check-long
