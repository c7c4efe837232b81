\set i random(100000000001, 100000010000)
\set k random(1, 9000000000000000000)
\set price random(1000, 900000)
SELECT bench_edit(bench_id(:i), 'bench-' || :k, :price);
