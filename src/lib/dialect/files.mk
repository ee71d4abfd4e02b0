# Files of the dialect layer.
noinst_LIBRARIES += libdialect.a
libdialect_a_SOURCES =
