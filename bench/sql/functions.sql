-- The same rows that Kiềng writes for a product's new price and for a new product, for pgbench: as functions (one call, one
-- commit) and as pieces for the scripts that go statement by statement. Answers and documents are constants of the usual length.

CREATE FUNCTION bench_id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('01980000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid
$$;

CREATE FUNCTION bench_digest() RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT decode(repeat('5a', 32), 'hex')
$$;

-- As long as the JSON of one product.
CREATE FUNCTION bench_answer() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rpad('{"id":"', 950, 'product ')
$$;

CREATE FUNCTION bench_product() RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '{"id": "01980000-0000-7000-8000-100000004711", "name": "Product 4711, box of twelve", "slug": "product-4711", "sku": "SKU-4711", "description": "A sturdy everyday article for shops that sell to neighbours.", "price": 175307, "currency": "VND", "compareAtPrice": null, "category": "category-8", "categoryId": "01980000-0000-7000-9000-000000000008", "subcategory": "part-8-4", "subcategoryId": "01980000-0000-7000-9001-000000000804", "tags": ["tag 11"], "brand": "Brand 11", "images": [{"url": "https://img.example/p/4711.webp", "alt": "Product 4711", "isPrimary": true}], "variants": [{"id": "01980000-0000-7000-a000-100000004711", "sku": "SKU-4711", "barcode": null, "attributes": {}, "price": null}], "seo": {"title": null, "description": null, "keywords": []}, "status": "active", "publishedAt": "2026-01-04T06:31:00.000Z", "priceVersion": 1, "version": 1, "createdAt": "2026-01-04T06:31:00.000Z", "updatedAt": "2026-01-04T06:31:00.000Z"}'::jsonb
$$;

CREATE FUNCTION bench_tags(product uuid) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY['product:' || product, 'list:products', 'category:01980000-0000-7000-9000-000000000008',
                 'slug:product-4711', 'sku:SKU-4711']
$$;

CREATE FUNCTION bench_audit(what text, product uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO audit_log (id, actor_id, actor_email, action, entity, entity_id, node, request_id, address, details)
    VALUES (gen_random_uuid(), bench_id(0), 'owner@example.com', what, 'product', product, 'bench', '0123456789abcdef', '127.0.0.1',
            '{"price": {"to": 2000, "from": 1000}}')
$$;

-- The last statement of a write: takes the position, announces, notes the answer.
CREATE FUNCTION bench_announce(request_key text, event text, product uuid, product_version bigint, answer_status int)
RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH head AS (UPDATE cluster_head SET pos = pos + 1 RETURNING pos),
    announced AS (
        INSERT INTO outbox (pos, seq, type, entity, entity_id, version, tags, node, trace, data)
        SELECT head.pos, 1, event, 'product', product, product_version, bench_tags(product), 'bench', '', '{}' FROM head)
    INSERT INTO requests (principal, key, fingerprint, state, status, headers, body, pos)
    SELECT 'bench', request_key, bench_digest(), 'done', answer_status, '{}', bench_answer(), head.pos FROM head
    RETURNING requests.pos
$$;

CREATE FUNCTION bench_edit(product uuid, request_key text, wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    old products%ROWTYPE;
BEGIN
    PERFORM FROM requests WHERE principal = 'bench' AND key = request_key;
    IF FOUND THEN RETURN 0; END IF;
    SELECT * INTO old FROM products WHERE id = product FOR NO KEY UPDATE;
    INSERT INTO product_versions (product_id, version, product, changed, changed_at)
    VALUES (product, old.version, bench_product(), old.changed_fields, old.updated_at);
    UPDATE products SET price = wanted, version = version + 1, price_version = price_version + 1, updated_at = now(),
                        changed_fields = '{price}' WHERE id = product;
    INSERT INTO price_history (product_id, price_version, seq, old_price, new_price, currency)
    VALUES (product, old.price_version + 1, 0, old.price, wanted, old.currency);
    PERFORM bench_audit('product.update', product);
    RETURN bench_announce(request_key, 'ProductUpdatedEvent', product, old.version + 1, 200);
END $$;

CREATE FUNCTION bench_create(request_key text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    product uuid := gen_random_uuid();
BEGIN
    PERFORM FROM requests WHERE principal = 'bench' AND key = request_key;
    IF FOUND THEN RETURN 0; END IF;
    PERFORM lock_codes(ARRAY['slug:' || request_key, 'sku:' || request_key]);
    INSERT INTO products (id, status, price, published_at, variant_count, currency, sku, slug, name, labels)
    VALUES (product, 2, 1000, now(), 1, 'VND', request_key, request_key, 'Bench product ' || request_key, request_key);
    INSERT INTO variants (id, product_id, position, sku) VALUES (gen_random_uuid(), product, 0, request_key);
    PERFORM bench_audit('product.create', product);
    RETURN bench_announce(request_key, 'ProductCreatedEvent', product, 1, 201);
END $$;
