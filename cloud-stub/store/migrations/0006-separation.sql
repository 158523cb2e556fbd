-- Sessions that answer for one contract run as this role: whatever they ask, they see the rows of that contract. The
-- service itself owns the tables and is not bound. Roles belong to the cluster: another database may have made it.
do $$
begin
  create role engawa_contract nologin;
exception
  when duplicate_object or unique_violation then null;
end
$$;

do $$
declare
  name text;
begin
  foreach name in array array[
    'contract', 'phone_number', 'device', 'number_ring', 'contract_option', 'gateway', 'service_id',
    'desired_config', 'reported_config', 'presence',
    'call_record', 'call_leg', 'box_record', 'box_quarantine', 'quarantine_decision', 'boot_clock',
    'charge', 'unrated_call', 'spend', 'spend_notice', 'allowance_use',
    'contract_order', 'closing_job', 'document', 'ledger_entry', 'adjustment']
  loop
    execute format('alter table %I enable row level security', name);
    execute format(
      'create policy own_contract on %I for select to engawa_contract using (contract_id = nullif(current_setting(''engawa.contract'', true), ''''))',
      name);
  end loop;
end
$$;

grant select on
  contract, phone_number, device, number_ring, contract_option, reported_config, presence,
  call_record, call_leg, box_record, box_quarantine, quarantine_decision,
  charge, unrated_call, spend, spend_notice, allowance_use,
  contract_order, document, ledger_entry, adjustment
  to engawa_contract;
-- Not the secrets: neither of the gateways nor of the SIP accounts.
grant select (contract_id, gateway_id, enrolled_at_ms) on gateway to engawa_contract;
grant select (contract_id, service_id, role, device_id, port, extension, label, presents, held_from_ms, held_until_ms, more)
  on service_id to engawa_contract;
