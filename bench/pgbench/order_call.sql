SELECT bench_place_orders(1, 10000);
