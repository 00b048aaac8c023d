-- Up Migration
-- Only what is needed to find and check a document: the document itself is in the private bucket, never here.
CREATE TABLE kyc_documents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  investor_id uuid NOT NULL REFERENCES investors ON DELETE RESTRICT,
  kind text NOT NULL CHECK (kind IN ('passport', 'identity_card', 'proof_of_address', 'selfie')),
  object_key text NOT NULL,
  object_version text NOT NULL,
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
  status text NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'accepted', 'refused')),
  reviewed_by text,
  expires_on date,
  uploaded_at timestamptz NOT NULL DEFAULT now(),
  -- When the retention period has ended and the object was deleted.
  erased_at timestamptz,
  UNIQUE (object_key, object_version),
  CHECK ((status = 'received') = (reviewed_by IS NULL))
);

CREATE INDEX kyc_documents_by_investor ON kyc_documents (investor_id, kind);
CREATE INDEX kyc_documents_to_expire ON kyc_documents (expires_on) WHERE erased_at IS NULL;

-- Down Migration
DROP TABLE kyc_documents;
