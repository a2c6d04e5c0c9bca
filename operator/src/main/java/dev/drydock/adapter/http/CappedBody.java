package dev.drydock.adapter.http;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Keeps the first bytes of a body, and stops to read as soon as it has them. */
final class CappedBody implements BodySubscriber<CappedBody.Kept> {
  private final CompletableFuture<Kept> result = new CompletableFuture<>();
  private final byte[] kept;
  private int length;
  private Flow.@Nullable Subscription subscription;

  CappedBody(int cap) {
    kept = new byte[cap];
  }

  /** What was kept, and whether there was more. */
  record Kept(String text, boolean cut) {}

  @Override
  public CompletionStage<Kept> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      int count = Math.min(buffer.remaining(), kept.length - length);
      buffer.get(kept, length, count);
      length += count;
      if (buffer.hasRemaining()) {
        result.complete(kept(true));
        if (subscription != null) {
          subscription.cancel();
        }
        return;
      }
    }
  }

  @Override
  public void onError(Throwable throwable) {
    result.completeExceptionally(throwable);
  }

  @Override
  public void onComplete() {
    result.complete(kept(false));
  }

  private Kept kept(boolean cut) {
    return new Kept(new String(kept, 0, length, StandardCharsets.UTF_8), cut);
  }
}
