import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsAsyncClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateExportTaskRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent;

/**
 * The peer with the AWS SDK for Java 2 (see ../c/peer.h for what a peer does): its client that waits,
 * and for calls in flight its asynchronous one. Region and keys are in the environment.
 */
public final class Peer {
    private static final String GROUP = "my-log-group";
    private static final String STREAM = "my-log-stream";

    private static CreateExportTaskRequest task() {
        return CreateExportTaskRequest.builder()
            .taskName("nightly")
            .logGroupName(GROUP)
            .from(1441490400000L)
            .to(1441494000000L)
            .destination("my-exported-logs")
            .destinationPrefix("exports")
            .build();
    }

    private static long makeCalls(CloudWatchLogsClient client, long count) {
        long sum = 0;
        for (long i = 0; i < count; i++) {
            sum += client.createExportTask(task()).taskId().length();
        }
        return sum;
    }

    /** Each call that ends starts the next, until none is left. */
    private static CompletableFuture<Void> next(
            CloudWatchLogsAsyncClient client, AtomicLong left, AtomicLong sum) {
        if (left.decrementAndGet() < 0) {
            return CompletableFuture.completedFuture(null);
        }
        return client.createExportTask(task()).thenCompose(out -> {
            sum.addAndGet(out.taskId().length());
            return next(client, left, sum);
        });
    }

    private static long fly(CloudWatchLogsAsyncClient client, int flight, long count) {
        AtomicLong sum = new AtomicLong();
        CompletableFuture<?>[] chains = new CompletableFuture<?>[flight];
        for (int i = 0; i < flight; i++) {
            AtomicLong left = new AtomicLong(count / flight + (i < count % flight ? 1 : 0));
            chains[i] = next(client, left, sum);
        }
        CompletableFuture.allOf(chains).join();
        return sum.get();
    }

    private static List<InputLogEvent> readEvents(String folder) throws IOException {
        String[] texts = Files.readString(Path.of(folder, "messages")).split("\0");
        List<InputLogEvent> events = new ArrayList<>(texts.length);
        for (int i = 0; i < texts.length; i++) {
            events.add(
                InputLogEvent.builder().timestamp(1441490400000L + i).message(texts[i]).build());
        }
        return events;
    }

    private static long encode(CloudWatchLogsClient client, List<InputLogEvent> events, long count) {
        for (long i = 0; i < count; i++) {
            client.putLogEvents(
                put -> put.logGroupName(GROUP).logStreamName(STREAM).logEvents(events));
        }
        return count;
    }

    private static long decode(CloudWatchLogsClient client, long count) {
        long sum = 0;
        for (long i = 0; i < count; i++) {
            sum += client.getLogEvents(
                get -> get.logGroupName(GROUP).logStreamName(STREAM).startFromHead(true))
                .events().size();
        }
        return sum;
    }

    private static LongUnaryOperator runner(String kind, URI url, int flight, String folder)
            throws IOException {
        if (kind.equals("flight")) { // it has fifty connections at most otherwise
            CloudWatchLogsAsyncClient client = CloudWatchLogsAsyncClient.builder()
                .endpointOverride(url)
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().maxConcurrency(flight))
                .build();
            return count -> fly(client, flight, count);
        }
        CloudWatchLogsClient client = CloudWatchLogsClient.builder().endpointOverride(url).build();
        if (kind.equals("encode")) {
            List<InputLogEvent> events = readEvents(folder);
            return count -> encode(client, events, count);
        }
        return kind.equals("decode") ? count -> decode(client, count)
                                     : count -> makeCalls(client, count);
    }

    public static void main(String[] arguments) throws IOException {
        LongUnaryOperator run = runner(
            arguments[0], URI.create(arguments[1]), Integer.parseInt(arguments[2]), arguments[3]);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println("done " + run.applyAsLong(Long.parseLong(line)));
        }
        System.exit(0); // clients have threads of their own
    }

    private Peer() {}
}
