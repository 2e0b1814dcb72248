// The peer with the AWS SDK for Go v2 (see ../c/peer.h for what a peer does). Region and keys are in
// the environment.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// The SDK closes a request's body when the answer is there. Over loopback that may be before net/http
// has asked the body whether there is more; the SDK's body then answers with an error, io.EOF, and
// net/http gives up the connection. No server that is far away answers as fast.
type quick struct{ cloudwatchlogs.HTTPClient }

type body struct {
	io.ReadCloser
	io.WriterTo
}

func (b body) WriteTo(w io.Writer) (int64, error) {
	n, err := b.WriterTo.WriteTo(w)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func (q quick) Do(request *http.Request) (*http.Response, error) {
	if writer, ok := request.Body.(io.WriterTo); ok {
		request.Body = body{request.Body, writer}
	}
	return q.HTTPClient.Do(request)
}

type side struct {
	client *cloudwatchlogs.Client
	flight int
	events []types.InputLogEvent
}

func (s *side) makeCalls(count int) (int, error) {
	sum := 0
	for range count {
		out, err := s.client.CreateExportTask(context.TODO(), &cloudwatchlogs.CreateExportTaskInput{
			TaskName:          aws.String("nightly"),
			LogGroupName:      aws.String("my-log-group"),
			From:              aws.Int64(1441490400000),
			To:                aws.Int64(1441494000000),
			Destination:       aws.String("my-exported-logs"),
			DestinationPrefix: aws.String("exports"),
		})
		if err != nil {
			return 0, err
		}
		sum += len(*out.TaskId)
	}
	return sum, nil
}

func (s *side) fly(count int) (int, error) {
	var sum atomic.Int64
	var failed atomic.Value
	var group sync.WaitGroup
	for i := range s.flight {
		share := count / s.flight
		if i < count%s.flight {
			share++
		}
		group.Go(func() {
			part, err := s.makeCalls(share)
			if err != nil {
				failed.Store(err)
			}
			sum.Add(int64(part))
		})
	}
	group.Wait()
	if err, ok := failed.Load().(error); ok {
		return 0, err
	}
	return int(sum.Load()), nil
}

func readEvents(folder string) ([]types.InputLogEvent, error) {
	data, err := os.ReadFile(filepath.Join(folder, "messages"))
	if err != nil {
		return nil, err
	}
	var events []types.InputLogEvent
	for i, text := range strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00") {
		events = append(events, types.InputLogEvent{
			Timestamp: aws.Int64(1441490400000 + int64(i)),
			Message:   aws.String(text),
		})
	}
	return events, nil
}

func (s *side) encode(count int) (int, error) {
	for range count {
		_, err := s.client.PutLogEvents(context.TODO(), &cloudwatchlogs.PutLogEventsInput{
			LogGroupName:  aws.String("my-log-group"),
			LogStreamName: aws.String("my-log-stream"),
			LogEvents:     s.events,
		})
		if err != nil {
			return 0, err
		}
	}
	return count, nil
}

func (s *side) decode(count int) (int, error) {
	sum := 0
	for range count {
		out, err := s.client.GetLogEvents(context.TODO(), &cloudwatchlogs.GetLogEventsInput{
			LogGroupName:  aws.String("my-log-group"),
			LogStreamName: aws.String("my-log-stream"),
			StartFromHead: aws.Bool(true),
		})
		if err != nil {
			return 0, err
		}
		sum += len(out.Events)
	}
	return sum, nil
}

func main() {
	kind, url, folder := os.Args[1], os.Args[2], os.Args[4]
	flight, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	var options []func(*config.LoadOptions) error
	if kind == "flight" { // it keeps ten idle connections otherwise
		options = append(options, config.WithHTTPClient(
			awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
				t.MaxIdleConnsPerHost = flight
			})))
	}
	configuration, err := config.LoadDefaultConfig(context.TODO(), options...)
	if err != nil {
		log.Fatal(err)
	}
	s := &side{flight: flight}
	s.client = cloudwatchlogs.NewFromConfig(configuration, func(o *cloudwatchlogs.Options) {
		o.BaseEndpoint = aws.String(url)
		o.HTTPClient = quick{o.HTTPClient}
	})
	run := s.makeCalls
	switch kind {
	case "flight":
		run = s.fly
	case "encode":
		run = s.encode
		if s.events, err = readEvents(folder); err != nil {
			log.Fatal(err)
		}
	case "decode":
		run = s.decode
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		count, err := strconv.Atoi(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		sum, err := run(count)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("done", sum)
	}
}
