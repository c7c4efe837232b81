SELECT bench_place_orders(32, 10000);
