# Files of man.
dist_man_MANS += man/aigw-mock.1
