# Files of the proc layer.
noinst_LIBRARIES += libproc.a
libproc_a_SOURCES =
