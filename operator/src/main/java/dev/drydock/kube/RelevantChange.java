package dev.drydock.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lets pass what a person changed: the spec, labels, an annotation of Drydock's (JOSDK's default
 * drops those), or a deletion; not the status that the operator writes itself.
 */
public final class RelevantChange<R extends HasMetadata> implements OnUpdateFilter<R> {
  private static final String PREFIX = "drydock.dev/";

  @Override
  public boolean accept(R now, R before) {
    return !Objects.equals(now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
        || !Objects.equals(
            now.getMetadata().getDeletionTimestamp(), before.getMetadata().getDeletionTimestamp())
        || !Objects.equals(now.getMetadata().getLabels(), before.getMetadata().getLabels())
        || !own(now.getMetadata().getAnnotations())
            .equals(own(before.getMetadata().getAnnotations()));
  }

  private static Map<String, String> own(@Nullable Map<String, String> annotations) {
    var own = new HashMap<String, String>();
    if (annotations != null) {
      annotations.forEach(
          (name, value) -> {
            if (name.startsWith(PREFIX)) {
              own.put(name, value);
            }
          });
    }
    return own;
  }
}
