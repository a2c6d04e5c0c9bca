package dev.drydock.kube;

import dev.drydock.api.v1alpha1.host.Host;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The Hosts that the operator's informer knows, by namespace and name. */
public final class HostCache implements BiFunction<String, String, Optional<Host>> {
  private volatile @Nullable IndexedResourceCache<Host> cache;

  /** Says where the informer keeps them; before that there are none. */
  public void use(IndexedResourceCache<Host> informer) {
    cache = informer;
  }

  @Override
  public Optional<Host> apply(String namespace, String name) {
    IndexedResourceCache<Host> known = cache;
    return known == null ? Optional.empty() : known.get(new ResourceID(name, namespace));
  }
}
