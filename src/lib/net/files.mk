# Files of the net layer.
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES =
