-- Internal apps that may do all that new ones could do until now may read contacts, as
-- new ones do. Those with fewer scopes, and third-party apps, keep what they have.

-- +goose Up
UPDATE app SET scopes = '["contacts.read","media.upload","work_notification.result","work_notification.send"]', edition = edition + 1
    WHERE kind = 'internal' AND scopes = '["media.upload","work_notification.result","work_notification.send"]';
