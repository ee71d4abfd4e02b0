# Files of the upstream layer.
noinst_LIBRARIES += libupstream.a
libupstream_a_SOURCES =
