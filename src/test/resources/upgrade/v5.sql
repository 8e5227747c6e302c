-- What a server of the first schema (V1 to V5) had written when it was killed on 2026-03-01: with key
-- dGhlLWtleS1vZi10aGUtdXBncmFkZS10ZXN0LTMyYnk= (FANFARE_ENCRYPTION_KEY), in the place 6f1c9f0e-52a4-4a0e-9a6c-0a3f5d1f7b11.
-- :sink is the address of the receiver.

update instance set routing_version = 5, key_id = 'f706d7de',
    key_check = '\x18ebbde62caea9d99d1e60b46c5fd2ab000cd0028dea321c5abc860a19182743209f69';

insert into tenant (id, name, routing_version, created_at) values
    ('019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'default', 5, '2026-03-01T11:00:00Z');

-- ff_operator_of-the-upgrade-test-with-its-hash-alone
insert into api_key (id, role, hash, created_at) values
    ('019ca90e-1b80-7edb-9837-818d316b0a73', 'operator', '\x209b1a402ae191a08c6d514278727c0c4ab3b1cf5ed09e61a18e62a372bbe6b0', '2026-03-01T11:00:00Z');

insert into subscription (id, tenant_id, name, state, state_reason, state_since, config, sink_revision, revision,
                          routing_version, credential_key_id, credential, created_at, updated_at, deleted_at) values
    ('019ca935-c7c0-7e82-beac-5b77cd89c053', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'orders', 'active', null, '2026-03-01T11:43:20Z',
     '{"protocol":"HTTP","sink":":sink/active","name":"orders","types":["com.example.order"],"filters":[{"prefix":{"source":"/shop"}}],"protocolsettings":{"contentmode":"binary","headers":{"X-Team":"orders"},"retry":{"schedule":["PT5S","PT1M"]}}}',
     2, 3, 2, 'f706d7de', '\x550fe3a96b4bfc30ccce67b14977bb78feff871453eabf7fdc35b07e99cd69ea4ca86fa9ed6f17b83bbb6f7afe161af7412a03838f116647efd6d00d973b16e35b7353db97eae0e5791b46fecb5283568a3a0f0e73b267eedc87f7870ba36fdc3cc18739ba915757f7d41a5a6e98703ff0208ea3477cd6798a6e46af11088d61f5', '2026-03-01T11:43:20Z', '2026-03-01T11:44:00Z', null),
    ('019ca935-cba8-7349-b2d1-26e513946e11', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', null, 'paused', null, '2026-03-01T11:45:00Z',
     '{"protocol":"HTTP","sink":":sink/paused"}',
     1, 2, 3, null, null, '2026-03-01T11:43:21Z', '2026-03-01T11:45:00Z', null),
    ('019ca935-cf90-7729-aaed-9c09228d2b7f', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', null, 'disabled', 'gone', '2026-03-01T11:50:00Z',
     '{"protocol":"HTTP","sink":":sink/disabled"}',
     1, 2, 4, null, null, '2026-03-01T11:43:22Z', '2026-03-01T11:50:00Z', null),
    ('019ca935-d378-722d-bb44-19db83345a09', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', null, 'deleted', null, '2026-03-01T12:30:00Z',
     '{"protocol":"HTTP","sink":":sink/deleted"}',
     1, 2, 5, null, null, '2026-03-01T11:43:23Z', '2026-03-01T12:30:00Z', '2026-03-01T12:30:00Z');

-- whsec_l0hNhsX5Nw5qbNHSuhAlYXs2hWIyV9Sk, and one that signs no more
insert into subscription_secret (id, subscription_id, key_id, secret, created_at, expires_at) values
    ('019ca937-4e60-7ccb-960d-04571563d201', '019ca935-c7c0-7e82-beac-5b77cd89c053', 'f706d7de',
     '\x4fb1212fe25d045f2111eb810c1c0635120f081894e20aca90b4a0af225e21037af217bb445c63513d019e3b7b95395ed82a140ef150231f3beaee74ef6f69f60395',
     '2026-03-01T11:43:20Z', null),
    ('019ca937-4e60-7ac0-bb18-00bd49f563e1', '019ca935-cba8-7349-b2d1-26e513946e11', 'f706d7de',
     '\x2b5b10cda8337fea68493dd0ffbb21ef354561c659ebbadb4c3925e3b30076c8ec7cc4f48753ec97ca197dc568798084917cf733d3d8284080167a8ed4731f29dd3d',
     '2026-03-01T11:43:20Z', null),
    ('019ca937-4e60-74a0-a7ff-654d02285421', '019ca935-cf90-7729-aaed-9c09228d2b7f', 'f706d7de',
     '\x4a582d374085a78360f9fe93d56a0959f7e4d624927a26f74056b6a9e8a4f99234c14869c619b79b71e687569b47d590c823f9d3b3769b5301d33c09321f55313007',
     '2026-03-01T11:43:20Z', null),
    ('019ca936-8b10-7891-afd3-aab496e706ed', '019ca935-c7c0-7e82-beac-5b77cd89c053', 'f706d7de',
     '\x65cce2f9dac7d3cd32bd67e8d28cea723710db7a8587433479e1d9b88f51cb9b3464be1365631e3c447c9d40d54a2b17429184d53bfc778fea3c100177961d29ffe9',
     '2026-03-01T11:43:20Z', '2026-03-01T11:43:50Z');

insert into subscription_stats (subscription_id, day, delivered, cancelled, last_delivered_at) values
    ('019ca935-c7c0-7e82-beac-5b77cd89c053', '2026-03-01', 1, 0, '2026-03-01T12:00:01Z');

-- its day, as it made one
create table event_20260301 (like event including all);
alter table event attach partition event_20260301
    for values from ('019ca6b1-dc00-0000-0000-000000000000') to ('019cabd8-3800-0000-0000-000000000000');
create table delivery_20260301 (like delivery including all) with (fillfactor = 70);
alter table delivery attach partition delivery_20260301
    for values from ('019ca6b1-dc00-0000-0000-000000000000') to ('019cabd8-3800-0000-0000-000000000000');
create table attempt_20260301 (like attempt including all);
alter table attempt attach partition attempt_20260301
    for values from ('019ca6b1-dc00-0000-0000-000000000000') to ('019cabd8-3800-0000-0000-000000000000');

insert into event (id, tenant_id, ce_id, source, type, subject, time, datacontenttype, dataschema, extensions, data_kind, data) values
    ('019ca945-0a00-7182-bdd2-efe620082522', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'delivered', '/shop/1', 'com.example.order', '7', '2026-03-01T12:59:59.5+01:00', null, null, '{"count":-3,"express":true,"region":"south"}', 'json', '\x7b226f72646572223a20372e307d'),
    ('019ca945-0de8-7b7f-b66a-af387688077a', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'dead', '/shop/1', 'com.example.order', null, null, 'text/plain', null, null, 'text', '\x6772c3bcc39f65'),
    ('019ca945-11d0-7156-9249-d2efcff4faf0', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'waiting', '/shop/1', 'com.example.order', null, null, 'application/octet-stream', 'https://example.com/schema', null, 'binary', '\x00ff0d0a'),
    ('019ca945-15b8-7e58-b746-5c5d4c846141', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'again', '/shop/1', 'com.example.order', null, null, null, null, null, 'none', null),
    ('019ca945-19a0-7081-b21e-39dc09ea4326', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'inflight', '/shop/1', 'com.example.order', null, null, 'application/json', null, null, 'json', '\x7b226f72646572223a387d'),
    ('019ca945-1d88-7d8a-bede-0f885b51461e', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'claimed', '/shop/1', 'com.example.order', null, null, 'application/json', null, null, 'json', '\x7b226f72646572223a387d'),
    ('019ca945-2170-747f-a253-41a6d9dad8f2', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'replayed', '/shop/1', 'com.example.order', null, null, 'application/json', null, null, 'json', '\x7b226f72646572223a387d'),
    ('019ca945-2558-7b5c-a42b-8d9436d6973d', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'held', '/shop/1', 'com.example.order', null, null, 'application/json', null, null, 'json', '\x7b226f72646572223a387d'),
    ('019ca945-2940-7811-b011-a1a378e688ef', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'deleted', '/shop/1', 'com.example.order', null, null, 'application/json', null, null, 'json', '\x7b226f72646572223a387d');

insert into identity_current (key, event_id, content) values
    ('\x0e976d64befd5b466b2850380b7c515a9e11ebd84a67df38d38e95df749b694d', '019ca945-0a00-7182-bdd2-efe620082522',
     '\x04791740f50f701ce3a85ef0e97318170d01a85c6c36a89b7d8fd6a609e46832'),
    ('\x0f42e0f23e3aca2bd20a7f984f316a60deed067b8435d6cb14422f38b0b019df', '019ca945-0de8-7b7f-b66a-af387688077a',
     '\xa0e53a015689f07f4ab43ec0b6adb7f85d03ca67211f3371df7bc27a95b0c0bb'),
    ('\x3cae51a1eef145f1fa72feed41ef4a76a4d56510dd55d47be716a3a02e5b0bc6', '019ca945-11d0-7156-9249-d2efcff4faf0',
     '\xd653001b5ad2266ac435d2e8feb7501fec8a13e60abeaa9a5808036f6fc67e4b'),
    ('\x0315d19fc70b60b7f8a4836c484093d41872ce4bcc480c69c6077b441e091b80', '019ca945-15b8-7e58-b746-5c5d4c846141',
     '\xff3cca5adc8003dcf085cee775a19952ac838a91450d87c58915f6c61dde34a8'),
    ('\x8f98287f271f3fabbdf0bc06983a05829efcb2c73b0eb957c2e395edc6faddf6', '019ca945-19a0-7081-b21e-39dc09ea4326',
     '\x06ceed4ffd67df7507fd8ad2e59f90909f9c1801e93332ec077cc3fc733bb708'),
    ('\xcbfd18766bad02101f19b892a8851ed9c232e304f9dc03705d68bfc3934f6237', '019ca945-1d88-7d8a-bede-0f885b51461e',
     '\x4158f72762098e357ea28b39fc3894c799f53d038ef28a27ce7d70d9c2f3992b'),
    ('\x56cf3d44c01c4edca267d56f38c2f18fe414a9a1bc9c5bcd3a2b2eb7e0e00538', '019ca945-2170-747f-a253-41a6d9dad8f2',
     '\xa6d5413fb861602f3ef58f4da8139413abb65d2b0673febd631dbc5d32718d63'),
    ('\x5660fcc0d378c96976abd32ea1210e9ae827ef576b01f302cf6cae2365144381', '019ca945-2558-7b5c-a42b-8d9436d6973d',
     '\x38b1229a1e40b5731626f268d51ef59ddf68b748ec1c2381c590d443d4d8b4c7'),
    ('\x9d2c9bb6dcc4c54535d6717db72d07da724db3fd865e3f8c6d3d17b9c9b90e3a', '019ca945-2940-7811-b011-a1a378e688ef',
     '\xfdefd99715dbc6ea9306dbc441a684cc232dff33e745370148f2a383d79ac910');

insert into node (id, place, beat, floor, started_at, gone_at) values
    ('019ca929-92c0-7184-8bad-cdee5283349a', '6f1c9f0e-52a4-4a0e-9a6c-0a3f5d1f7b11', 1800, '019ca945-0a00-0000-0000-000000000000', '2026-03-01T11:30:00Z', null);

insert into delivery (id, event_id, subscription_id, tenant_id, event_type, node, claim_no, state, reason, attempts, last_status, dead,
                      settled_at, replay_id) values
    ('019ca945-0a00-7317-a7f2-73401dd65c53', '019ca945-0a00-7182-bdd2-efe620082522', '019ca935-c7c0-7e82-beac-5b77cd89c053', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', null, 1, 'delivered', null, 1, 204, false, '2026-03-01T12:00:01Z', null),
    ('019ca945-0de8-74c5-b5b5-403bc72357a9', '019ca945-0de8-7b7f-b66a-af387688077a', '019ca935-c7c0-7e82-beac-5b77cd89c053', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', null, 3, 'dead', 'exhausted', 3, 500, true, '2026-03-01T12:02:00Z', null),
    ('019ca945-11d0-7160-a5dc-134aa16d2aab', '019ca945-11d0-7156-9249-d2efcff4faf0', '019ca935-c7c0-7e82-beac-5b77cd89c053', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', null, 1, 'pending', null, 0, null, false, null, null),
    ('019ca945-15b8-7b4b-a74b-a7cb6d15afbe', '019ca945-15b8-7e58-b746-5c5d4c846141', '019ca935-c7c0-7e82-beac-5b77cd89c053', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', null, 1, 'pending', null, 0, null, false, null, null),
    ('019ca945-19a0-701f-8ab0-7c71a096c328', '019ca945-19a0-7081-b21e-39dc09ea4326', '019ca935-c7c0-7e82-beac-5b77cd89c053', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', '019ca929-92c0-7184-8bad-cdee5283349a', 1, 'inflight', null, 0, null, false, null, null),
    ('019ca945-1d88-7c9d-9011-ae008da843be', '019ca945-1d88-7d8a-bede-0f885b51461e', '019ca935-c7c0-7e82-beac-5b77cd89c053', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', null, 1, 'pending', null, 0, null, false, null, null),
    ('019ca945-2170-715a-b2d4-1f7ba9d3e1b1', '019ca945-2170-747f-a253-41a6d9dad8f2', '019ca935-c7c0-7e82-beac-5b77cd89c053', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', null, 3, 'pending', null, 3, 503, false, null, '019ca94e-31c0-79b4-847d-836370cb7411'),
    ('019ca945-2558-74d2-8a52-2acfd002c371', '019ca945-2558-7b5c-a42b-8d9436d6973d', '019ca935-cba8-7349-b2d1-26e513946e11', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', null, 1, 'pending', null, 0, null, false, null, null),
    ('019ca945-2940-74c0-9776-5be11aab8462', '019ca945-2940-7811-b011-a1a378e688ef', '019ca935-d378-722d-bb44-19db83345a09', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'com.example.order', null, 1, 'pending', null, 0, null, false, null, null);

insert into attempt (started_at, delivery_id, claim_no, number, duration_ms, status, reason, address, response_headers, response_body) values
    ('2026-03-01T12:01:00Z', '019ca945-0a00-7317-a7f2-73401dd65c53', 1, 1, 12, 204, null, '127.0.0.1', '\x446174653a2053756e2c203031204d617220323032362031323a30303a303020474d540d0a', '\x'),
    ('2026-03-01T12:01:00Z', '019ca945-0de8-74c5-b5b5-403bc72357a9', 1, 1, 12, 500, 'httpstatus', '127.0.0.1', '\x436f6e74656e742d4c656e6774683a20320d0a', '\x6e6f'),
    ('2026-03-01T12:02:00Z', '019ca945-0de8-74c5-b5b5-403bc72357a9', 2, 2, 12, 500, 'httpstatus', '127.0.0.1', '\x436f6e74656e742d4c656e6774683a20320d0a', '\x6e6f'),
    ('2026-03-01T12:03:00Z', '019ca945-0de8-74c5-b5b5-403bc72357a9', 3, 3, 12, 500, 'httpstatus', '127.0.0.1', '\x436f6e74656e742d4c656e6774683a20320d0a', '\x6e6f'),
    ('2026-03-01T12:01:00Z', '019ca945-15b8-7b4b-a74b-a7cb6d15afbe', 1, 1, 12, 503, 'httpstatus', '127.0.0.1', '\x436f6e74656e742d4c656e6774683a20320d0a', '\x6e6f'),
    ('2026-03-01T12:01:00Z', '019ca945-2170-715a-b2d4-1f7ba9d3e1b1', 1, 1, 12, 503, 'httpstatus', '127.0.0.1', '\x436f6e74656e742d4c656e6774683a20320d0a', '\x6e6f'),
    ('2026-03-01T12:02:00Z', '019ca945-2170-715a-b2d4-1f7ba9d3e1b1', 2, 2, 12, 503, 'httpstatus', '127.0.0.1', '\x436f6e74656e742d4c656e6774683a20320d0a', '\x6e6f'),
    ('2026-03-01T12:03:00Z', '019ca945-2170-715a-b2d4-1f7ba9d3e1b1', 3, 3, 12, 503, 'httpstatus', '127.0.0.1', '\x436f6e74656e742d4c656e6774683a20320d0a', '\x6e6f');

insert into queue (id, subscription_id, due_at, queued_at, first_attempt_at, node, claim_no, attempts, step, last_status, reason, replay_id,
                   was_state, was_reason) values
    ('019ca945-11d0-7160-a5dc-134aa16d2aab', '019ca935-c7c0-7e82-beac-5b77cd89c053', '2026-03-01T12:00:02Z', '2026-03-01T12:01:00Z', null, null, 1, 0, 0, null, null, null, null, null),
    ('019ca945-15b8-7b4b-a74b-a7cb6d15afbe', '019ca935-c7c0-7e82-beac-5b77cd89c053', '2026-03-01T12:01:05Z', '2026-03-01T12:01:00Z', '2026-03-01T12:01:00Z', null, 1, 1, 1, 503, 'httpstatus', null, null, null),
    ('019ca945-1d88-7c9d-9011-ae008da843be', '019ca935-c7c0-7e82-beac-5b77cd89c053', null, '2026-03-01T12:01:00Z', null, '019ca929-92c0-7184-8bad-cdee5283349a', 2, 0, 0, null, null, null, null, null),
    ('019ca945-2170-715a-b2d4-1f7ba9d3e1b1', '019ca935-c7c0-7e82-beac-5b77cd89c053', '2026-03-01T12:10:01Z', '2026-03-01T12:01:00Z', null, null, 3, 3, 0, null, null, '019ca94e-31c0-79b4-847d-836370cb7411', 'dead', 'exhausted'),
    ('019ca945-2558-74d2-8a52-2acfd002c371', '019ca935-cba8-7349-b2d1-26e513946e11', '2026-03-01T12:00:07Z', '2026-03-01T12:01:00Z', null, null, 1, 0, 0, null, null, null, null, null),
    ('019ca945-2940-74c0-9776-5be11aab8462', '019ca935-d378-722d-bb44-19db83345a09', '2026-03-01T12:00:08Z', '2026-03-01T12:01:00Z', null, null, 1, 0, 0, null, null, null, null, null);

insert into gate (subscription_id, sink_revision, closed_until) values ('019ca935-c7c0-7e82-beac-5b77cd89c053', 2, '2026-03-01T12:20:00Z');

insert into replay (id, tenant_id, state, selector, webhook_id, created_at, finished_at, cursor, walked, fed, matched, queued, skipped,
                    gone, delivered, open) values
    ('019ca94c-ab20-7537-9155-4083507e5a61', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'done', '{"state":"delivered"}', 'new', '2026-03-01T12:08:20Z', '2026-03-01T12:08:30Z', null,
     true, true, 2, 1, '{"inflight":1}', 0, 1, 0),
    ('019ca94e-31c0-79b4-847d-836370cb7411', '019ca90e-1b80-7ab9-8968-27f9e2c37cbb', 'running', '{"reason":"exhausted"}', 'same', '2026-03-01T12:10:00Z', null, '019ca945-2170-715a-b2d4-1f7ba9d3e1b1',
     true, true, 1, 1, '{}', 0, 0, 1);
