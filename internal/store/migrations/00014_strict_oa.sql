-- Organizations that emulate the hosted service go on requiring what it documents
-- of oa messages, which is a limit of its own now.

-- +goose Up
UPDATE organization SET limits = replace(limits, '"preset":"dingtalk"', '"preset":"dingtalk","strict_oa":true')
    WHERE limits LIKE '%"preset":"dingtalk"%' AND limits NOT LIKE '%"strict_oa"%';
