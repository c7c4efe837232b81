-- Goods that never run out in a measurement, for orders: the default variant of every product lies at the place there always is.

INSERT INTO stock (variant_id, location_id, quantity)
SELECT id, '01900000-0000-7000-8000-000000000001', 1000000000000 FROM variants;
