package directory

import (
	"context"
	"encoding/base64"
	"encoding/binary"
)

// openIDSize is how many bytes of an HMAC an openid is.
const openIDSize = 16

// OpenID returns what one app of the viewer's provider calls a person of the viewer's
// organization: for good, and no other app calls them that (docs/contract.md#unionid).
// Fails with organization_unknown.
func (s *Service) OpenID(ctx context.Context, v Viewer, appID int64, ordinal uint32) (string, error) {
	provider, err := s.Organization(ctx, v.Provider)
	if err != nil {
		return "", err
	}
	b := binary.BigEndian.AppendUint64([]byte("openid"), uint64(appID))
	b = binary.BigEndian.AppendUint64(b, uint64(v.Organization))
	b = binary.BigEndian.AppendUint32(b, ordinal)
	return base64.RawURLEncoding.EncodeToString(provider.unionHMAC(b)[:openIDSize]), nil
}

// PageTicket returns the jsapi_ticket of an installation in an organization: for good, and
// nobody who has it learns of the salt that it is made with (docs/contract.md#page-tickets).
// Fails with organization_unknown.
func (s *Service) PageTicket(ctx context.Context, organization, agentID int64) (string, error) {
	o, err := s.Organization(ctx, organization)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(o.unionHMAC(binary.BigEndian.AppendUint64([]byte("jsapi_ticket"), uint64(agentID)))), nil
}
