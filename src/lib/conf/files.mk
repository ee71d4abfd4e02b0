# Files of the conf layer.
noinst_LIBRARIES += libconf.a
libconf_a_SOURCES =
