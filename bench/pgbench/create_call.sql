\set k random(1, 9000000000000000000)
SELECT bench_create('bench-' || :k);
