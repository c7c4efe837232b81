-- What an address said in its last versions, so that edits which started from one of them merge field by field. Kept by a trigger,
-- because nodes of the previous release write addresses too while a new one is brought in.
CREATE TABLE address_versions (
    address_id  uuid NOT NULL REFERENCES addresses (id) ON DELETE CASCADE,
    version     bigint NOT NULL,
    label       text,
    recipient   text NOT NULL,
    phone       text NOT NULL,
    line1       text NOT NULL,
    line2       text,
    ward        text,
    district    text,
    province    text NOT NULL,
    postal_code text,
    country     char(2) NOT NULL,
    is_default  boolean NOT NULL,
    PRIMARY KEY (address_id, version)
);

CREATE FUNCTION keep_address_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO address_versions (address_id, version, label, recipient, phone, line1, line2, ward, district, province,
        postal_code, country, is_default)
    VALUES (OLD.id, OLD.version, OLD.label, OLD.recipient, OLD.phone, OLD.line1, OLD.line2, OLD.ward, OLD.district, OLD.province,
        OLD.postal_code, OLD.country, OLD.is_default);
    DELETE FROM address_versions WHERE address_id = OLD.id AND version <= OLD.version - 20;
    RETURN NULL;
END
$$;
CREATE TRIGGER addresses_keep_version AFTER UPDATE ON addresses
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION keep_address_version();
