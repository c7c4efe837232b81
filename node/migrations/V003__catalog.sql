-- Categories, products, variants and what is kept of their past. docs/CATALOG-PLANS.md shows each statement's plan.
--
-- Texts that are compared byte by byte carry COLLATE "C": their order is that of the keyset cursors, and a prefix is a range.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE categories (
    id         uuid PRIMARY KEY,
    parent_id  uuid REFERENCES categories (id),
    slug       text COLLATE "C" NOT NULL UNIQUE,
    name       text NOT NULL,
    name_fold  text COLLATE "C" GENERATED ALWAYS AS (vn_fold(name)) STORED,
    -- Slugs from the top, joined by '/': everything below a category is one range.
    path       text COLLATE "C" NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by uuid
);
CREATE INDEX categories_by_parent ON categories (parent_id);
CREATE INDEX categories_by_path ON categories (path);
-- '/' sorts behind '-', a space before: children directly behind their parent.
CREATE INDEX categories_in_order ON categories ((translate(path, '/', ' ') COLLATE "C"));

CREATE TABLE category_versions (
    category_id   uuid NOT NULL REFERENCES categories (id) ON DELETE CASCADE,
    version       bigint NOT NULL,
    fields        jsonb NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (category_id, version)
);

-- What lists filter by, as numbers: tags, brand and the lowest category. Small enough to lie in every index that gives an order, so that
-- a walk along it asks the filters without fetching rows.
CREATE FUNCTION product_facet(kind text, value text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT hashtextextended(kind || value COLLATE "C", 0)
$$;
CREATE FUNCTION product_facets(tags text[], brand text, leaf uuid) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(public.product_facet(f.kind, f.value)), '{}')
      FROM (SELECT 't:' AS kind, t AS value FROM unnest(tags) t UNION ALL SELECT 'b:', brand UNION ALL SELECT 'c:', leaf::text) f
     WHERE f.value IS NOT NULL
$$;

CREATE TABLE products (
    id               uuid PRIMARY KEY,
    status           smallint NOT NULL CHECK (status BETWEEN 1 AND 3),   -- draft, active, archived
    version          bigint NOT NULL DEFAULT 1,
    price            bigint NOT NULL CHECK (price BETWEEN 0 AND 9000000000000000),
    compare_at_price bigint CHECK (compare_at_price > price),
    price_version    bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    published_at     timestamptz,
    updated_by       uuid,
    category_id      uuid REFERENCES categories (id),
    subcategory_id   uuid REFERENCES categories (id),
    -- The lower of the two: a category's goods are those whose leaf is in its subtree.
    leaf_id          uuid GENERATED ALWAYS AS (coalesce(subcategory_id, category_id)) STORED,
    -- How many variants, and the default one's SKU (the row in variants is what counts): a list of 200 reads no variants.
    variant_count    smallint NOT NULL CHECK (variant_count BETWEEN 1 AND 200),
    -- Which of the images is the primary one: by its shape a product has exactly one, or no images at all.
    primary_image    smallint,
    currency         char(3) NOT NULL,
    sku              text COLLATE "C" NOT NULL,
    slug             text COLLATE "C" NOT NULL UNIQUE,
    name             text NOT NULL,
    name_fold        text COLLATE "C" GENERATED ALWAYS AS (vn_fold(name)) STORED,
    brand            text,
    tags             text[] NOT NULL DEFAULT '{}',
    image_urls       text[] NOT NULL DEFAULT '{}',
    image_alts       text[] NOT NULL DEFAULT '{}',
    seo_title        text,
    seo_description  text,
    seo_keywords     text[] NOT NULL DEFAULT '{}',
    changed_fields   text[] NOT NULL DEFAULT '{}',   -- what the present version changed
    description      text NOT NULL DEFAULT '',
    labels           text NOT NULL DEFAULT '',       -- brand and tags
    codes            text NOT NULL DEFAULT '',       -- SKUs and barcodes of all variants
    facets           bigint[] GENERATED ALWAYS AS (product_facets(tags, brand, coalesce(subcategory_id, category_id))) STORED,
    CHECK (subcategory_id IS NULL OR category_id IS NOT NULL),
    CHECK (cardinality(image_urls) = cardinality(image_alts)),
    CHECK (CASE WHEN cardinality(image_urls) = 0 THEN primary_image IS NULL
                ELSE primary_image IS NOT NULL AND primary_image BETWEEN 1 AND cardinality(image_urls) END)
);

-- One lane per sort order; with a category, one per category and sort order. Ids are UUIDv7: their order is that of creation.
CREATE INDEX products_newest ON products (status, id) INCLUDE (price, facets);
CREATE INDEX products_by_name ON products (status, name_fold, id) INCLUDE (price, facets);
CREATE INDEX products_by_price ON products (status, price, id) INCLUDE (facets);
CREATE INDEX products_by_update ON products (status, updated_at, id) INCLUDE (price, facets);
CREATE INDEX products_leaf_newest ON products (leaf_id, status, id);
CREATE INDEX products_leaf_by_name ON products (leaf_id, status, name_fold, id);
CREATE INDEX products_leaf_by_price ON products (leaf_id, status, price, id);
CREATE INDEX products_leaf_by_update ON products (leaf_id, status, updated_at, id);
-- Deleting a category looks here; most products have a subcategory of their own leaf.
CREATE INDEX products_by_category ON products (category_id) WHERE subcategory_id IS NOT NULL;

-- What searches and rare filters gather by, in rows a third as wide as those of products: what is found has to be fetched before it can be
-- sorted, and a page of this table holds many. Triggers keep it; a new price changes neither of its indexes.
CREATE TABLE product_search (
    id         uuid PRIMARY KEY,
    updated_at timestamptz NOT NULL,
    price      bigint NOT NULL,
    status     smallint NOT NULL,
    name_fold  text COLLATE "C" NOT NULL,
    labels     text NOT NULL,        -- the words of name, brand, tags and codes between spaces: '% ao %' is a whole word
    rest       text NOT NULL,        -- in the same way the words that only the description has, each once
    facets     bigint[] NOT NULL
) WITH (fillfactor = 90);

-- Letters and digits remain, folded; the rest is one kind of space. The same as word_parts() in node/catalog/fold.cpp.
CREATE FUNCTION search_text(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(public.vn_fold(value),
                     E'\t\n\v\f\r!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~\u007F\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000',
                     repeat(' ', 60))
$$;
CREATE FUNCTION search_words(value text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT ARRAY(SELECT left(w, 255) FROM unnest(string_to_array(value, ' ')) w WHERE w <> '')
$$;
-- All words, and each marked the beginnings of the name of one to four words: searches ask for them, and for what does not begin so.
CREATE FUNCTION search_lexemes(labels text, rest text, name_fold text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT array_to_tsvector(public.search_words(labels || rest) ||
               ARRAY(SELECT '^' || array_to_string(w[1:n], ' ') FROM string_to_array(name_fold, ' ') w, generate_series(1, least(cardinality(w), 4)) n))
$$;

CREATE FUNCTION keep_product_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    words text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM public.product_search WHERE id = OLD.id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.name, OLD.labels, OLD.codes, OLD.description, OLD.facets) IS NOT DISTINCT FROM
                            (NEW.name, NEW.labels, NEW.codes, NEW.description, NEW.facets) THEN
        UPDATE public.product_search SET updated_at = NEW.updated_at, price = NEW.price, status = NEW.status WHERE id = NEW.id;
        RETURN NULL;
    END IF;
    words := ' ' || public.search_text(NEW.name || ' ' || NEW.labels || ' ' || NEW.codes) || ' ';
    INSERT INTO public.product_search (id, updated_at, price, status, name_fold, labels, rest, facets)
    SELECT NEW.id, NEW.updated_at, NEW.price, NEW.status, NEW.name_fold, words, coalesce(' ' || string_agg(DISTINCT w, ' ') || ' ', ''), NEW.facets
      FROM unnest(public.search_words(public.search_text(NEW.description))) w WHERE strpos(words, ' ' || w || ' ') = 0
    ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, price = excluded.price, status = excluded.status, name_fold = excluded.name_fold,
                                   labels = excluded.labels, rest = excluded.rest, facets = excluded.facets;
    RETURN NULL;
END $$;
CREATE TRIGGER products_are_found AFTER INSERT OR UPDATE OR DELETE ON products FOR EACH ROW EXECUTE FUNCTION keep_product_search();

-- One index for all of it: conditions on facets, words and parts of words are intersected before any row is fetched. What was added last waits in
-- a list that every search reads, so it is kept short: with PostgreSQL's usual 4 MB searches took twice as long after many inserts.
CREATE INDEX product_search_by_all ON product_search
       USING gin (facets, search_words(labels), search_lexemes(labels, rest, name_fold), labels gin_trgm_ops)
       WITH (gin_pending_list_limit = 256);

-- Deferrable means here: checked at the end of the statement, so that two variants may swap their codes in one.
CREATE TABLE variants (
    id         uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    position   smallint NOT NULL,               -- 0 is the default variant
    sku        text COLLATE "C" NOT NULL UNIQUE DEFERRABLE,
    barcode    text COLLATE "C" UNIQUE DEFERRABLE,
    attributes jsonb NOT NULL DEFAULT '{}',
    price      bigint CHECK (price BETWEEN 0 AND 9000000000000000),   -- null: the product's
    UNIQUE (product_id, attributes) DEFERRABLE
);
CREATE INDEX variants_of_product ON variants (product_id, position);

-- Tags (kind 1) and brands (kind 2) of goods: the names in use, and the goods of one name, newest first.
CREATE TABLE product_labels (
    kind       smallint NOT NULL,
    fold       text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    status     smallint NOT NULL,
    product_id uuid NOT NULL,
    PRIMARY KEY (kind, fold, name, status, product_id)
);

-- Slugs that products had before. A present slug always wins.
CREATE TABLE product_slugs (
    slug       text COLLATE "C" PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    retired_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX product_slugs_of_product ON product_slugs (product_id);

CREATE TABLE price_history (
    product_id    uuid NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    price_version bigint NOT NULL,
    seq           smallint NOT NULL,            -- several prices may change with one edit
    variant_id    uuid,                         -- null: the product's price
    old_price     bigint,
    new_price     bigint,
    currency      char(3) NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    changed_by    uuid,
    PRIMARY KEY (product_id, price_version, seq)
);

-- What products were before, so that an edit that started from an older version can be merged field by field.
CREATE TABLE product_versions (
    product_id    uuid NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    version       bigint NOT NULL,
    product       jsonb NOT NULL,
    changed       text[] NOT NULL,
    changed_at    timestamptz NOT NULL,
    changed_by    uuid,
    superseded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (product_id, version)
);

-- Whoever wants to use a code (a slug, SKU or barcode) first locks it here, so that the look whether it is free stays true until
-- the commit. In order of key: two units never wait for each other in a circle.
CREATE FUNCTION lock_codes(codes text[]) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT count(pg_advisory_xact_lock(k)) FROM (SELECT DISTINCT hashtextextended(c, 4711) AS k FROM unnest(codes) c ORDER BY 1) s
$$;
