mkdir -p data/'session, "a"' data/$'session\nb' data/$'session\xff' data/"session\$(touch pwned)" data/session
