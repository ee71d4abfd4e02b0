# Files of man.
dist_man_MANS += man/aigw-mock.1
dist_man_MANS += man/aigwctl.8 man/aigw-metrics.7
dist_man_MANS += man/aigwd.8
dist_man_MANS += man/aigw.conf.5
dist_man_MANS += man/aigw-api.7
