package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

// openWithin bounds how long a start waits for the object storage.
const openWithin = 10 * time.Second

// attempts is how often a request is made that got no answer.
const attempts = 3

// Storage is a bucket. It implements media.Storage.
type Storage struct {
	core   minio.Core
	bucket string
	prefix string
}

var _ media.Storage = (*Storage)(nil)

// FromEnvironment takes credentials where other programs look for them:
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the file that
// AWS_SHARED_CREDENTIALS_FILE names (~/.aws/credentials), in the section that
// AWS_PROFILE names.
func FromEnvironment() *credentials.Credentials {
	return credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{}, &credentials.FileAWSCredentials{},
	})
}

// Open makes sure that the bucket is there. Its error says what is wrong in a
// sentence for operators, without any secret.
func Open(ctx context.Context, l Location, keys *credentials.Credentials) (*Storage, error) {
	where := fmt.Sprintf("bucket %s at %s://%s", l.Bucket, l.scheme(), l.Endpoint)
	client := &http.Client{Timeout: openWithin}
	if value, err := keys.GetWithContext(&credentials.CredContext{Client: client}); err != nil || value.AccessKeyID == "" {
		return nil, errors.New("media: no credentials for the " + where +
			": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SHARED_CREDENTIALS_FILE")
	}
	lookup := minio.BucketLookupAuto
	if l.PathStyle {
		lookup = minio.BucketLookupPath
	}
	c, err := minio.New(l.Endpoint, &minio.Options{Creds: keys, Secure: !l.Insecure, Region: l.Region, BucketLookup: lookup, MaxRetries: attempts})
	if err != nil {
		return nil, fmt.Errorf("media: %s: %w", where, err)
	}
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	there, err := c.BucketExists(ctx, l.Bucket)
	switch {
	case err != nil && status(err) == 0:
		return nil, fmt.Errorf("media: the %s cannot be reached: %w", where, err)
	case err != nil:
		return nil, fmt.Errorf("media: the %s may not be used: %w", where, err)
	case !there:
		return nil, fmt.Errorf("media: there is no %s", where)
	}
	return &Storage{core: minio.Core{Client: c}, bucket: l.Bucket, prefix: l.Prefix}, nil
}

func (s *Storage) key(organization int64, id string) string {
	return path.Join(s.prefix, strconv.FormatInt(organization, 10), media.Shard(id), id)
}

// Create implements media.Storage with one request, which stores all or
// nothing.
func (s *Storage) Create(ctx context.Context, organization int64, id string, content io.ReadSeeker, size int64) error {
	_, err := s.core.Client.PutObject(ctx, s.bucket, s.key(organization, id), content, size,
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true})
	if err != nil {
		return fmt.Errorf("media.s3.Create: %w", toFault(err))
	}
	return nil
}

// Open implements media.Storage.
func (s *Storage) Open(ctx context.Context, organization int64, id string, size int64) (io.ReadSeekCloser, error) {
	return media.Ranged(size, func(offset int64) (io.ReadCloser, error) {
		var o minio.GetObjectOptions
		if offset > 0 {
			if err := o.SetRange(offset, 0); err != nil {
				return nil, fmt.Errorf("media.s3.Open: %w", err)
			}
		}
		r, _, _, err := s.core.GetObject(ctx, s.bucket, s.key(organization, id), o)
		if err != nil {
			return nil, fmt.Errorf("media.s3.Open: %w", toFault(err))
		}
		return r, nil
	})
}

// Remove implements media.Storage.
func (s *Storage) Remove(ctx context.Context, organization int64, id string) error {
	if err := s.core.Client.RemoveObject(ctx, s.bucket, s.key(organization, id), minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("media.s3.Remove: %w", toFault(err))
	}
	return nil
}

// status is the HTTP status of a refusal, 0 when nobody answered.
func status(err error) int { return minio.ToErrorResponse(err).StatusCode }

// toFault gives the failures that callers can act on their codes.
func toFault(err error) error {
	switch n := status(err); {
	case errors.Is(err, context.Canceled):
		return err
	case n == http.StatusNotFound:
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case n == http.StatusInsufficientStorage:
		return fault.New(fault.CodeStorageFull, "the object storage is full").Because(err)
	case n == 0, n == http.StatusTooManyRequests, n >= http.StatusInternalServerError:
		return fault.New(fault.CodeBusy, "the object storage does not answer, try again").Because(err)
	}
	return err
}
