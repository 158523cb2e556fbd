-- A gateway is known by a certificate of the service's own authority, and by no password any more.
alter table gateway drop column mqtt_credential;

-- Claim codes: what a technician reads from the order and types into a box. The code itself is not kept, only its keyed
-- digest. The key that used it may use it again, since an answer may be lost on its way; no other key may.
create table gateway_claim (
  contract_id text not null,
  gateway_id text not null,
  claim_digest text not null,
  made_at_ms int8 not null,
  expires_at_ms int8 not null,
  used_at_ms int8,
  used_by_key text,
  serial_number text,
  primary key (contract_id, gateway_id, claim_digest)
);
create unique index gateway_claim_by_digest on gateway_claim (claim_digest);

-- Every certificate that was ever issued to a gateway. Revoked ones stay: the broker's list is made from them.
create table gateway_certificate (
  contract_id text not null,
  gateway_id text not null,
  serial text not null,
  key_digest text not null,
  issued_at_ms int8 not null,
  ends_at_ms int8 not null,
  revoked_at_ms int8,
  why text,
  primary key (contract_id, gateway_id, serial)
);
create unique index gateway_certificate_by_serial on gateway_certificate (serial);

do $$
declare
  name text;
begin
  foreach name in array array['gateway_claim', 'gateway_certificate']
  loop
    execute format('alter table %I enable row level security', name);
    execute format(
      'create policy own_contract on %I for select to engawa_contract using (contract_id = nullif(current_setting(''engawa.contract'', true), ''''))',
      name);
  end loop;
end
$$;
grant select (contract_id, gateway_id, serial, issued_at_ms, ends_at_ms, revoked_at_ms, why)
  on gateway_certificate to engawa_contract;
