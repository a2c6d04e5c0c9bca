package dev.drydock.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The informers of a controller, beside that of its own kind; one a kind.
 *
 * @param <P> the controller's own kind
 */
public final class Informers<P extends HasMetadata> {
  private final Class<P> primary;
  private final EventSourceContext<P> context;

  public Informers(Class<P> primary, EventSourceContext<P> context) {
    this.primary = primary;
    this.context = context;
  }

  /**
   * What the controller makes: any change means a turn of the resource that a label names.
   *
   * @param selector what all of it has, among it that label
   */
  public <R extends HasMetadata> EventSource<R, P> owned(
      Class<R> type, String selector, String label) {
    return labeled(type, Optional.of(selector), label, _ -> {});
  }

  /**
   * The same.
   *
   * @param gone gets each that is deleted, as it was last seen, before its resource has its turn
   */
  public <R extends HasMetadata> EventSource<R, P> owned(
      Class<R> type, String selector, String label, Consumer<R> gone) {
    return labeled(type, Optional.of(selector), label, gone);
  }

  /** Somebody may have taken its label away. */
  private Optional<String> owner(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(reference -> reference.getKind().equals(HasMetadata.getKind(primary)))
        .map(OwnerReference::getName)
        .findFirst();
  }

  /** As {@link #owned}, but {@link #known} finds what others have made, too. */
  public <R extends HasMetadata> EventSource<R, P> ownedAmongOthers(Class<R> type, String label) {
    return labeled(type, Optional.empty(), label, _ -> {});
  }

  private <R extends HasMetadata> EventSource<R, P> labeled(
      Class<R> type, Optional<String> selector, String label, Consumer<R> gone) {
    var configuration =
        InformerEventSourceConfiguration.from(type, primary)
            .withName(HasMetadata.getPlural(type))
            .withSecondaryToPrimaryMapper(
                object ->
                    Optional.ofNullable(object.getMetadata().getLabels())
                        .map(labels -> labels.get(label))
                        .or(() -> owner(object))
                        .map(name -> new ResourceID(name, object.getMetadata().getNamespace()))
                        .map(Set::of)
                        .orElse(Set.of()))
            .withOnDeleteFilter(
                (object, _) -> {
                  gone.accept(object);
                  return true;
                })
            .withComparableResourceVersion(false)
            .withNamespacesInheritedFromController();
    selector.ifPresent(configuration::withLabelSelector);
    return new InformerEventSource<>(configuration.build(), context);
  }

  /**
   * What a person declares: when it comes, goes or is changed, it is the turn of some of its
   * namespace.
   *
   * @param means which of them
   */
  public <R extends HasMetadata> EventSource<R, P> declared(
      Class<R> type, BiPredicate<R, P> means) {
    return read(type, new RelevantChange<>(), means);
  }

  /** As {@link #declared}, where changes of it mean nothing. */
  public <R extends HasMetadata> EventSource<R, P> present(Class<R> type, BiPredicate<R, P> means) {
    return read(type, (_, _) -> false, means);
  }

  private <R extends HasMetadata> EventSource<R, P> read(
      Class<R> type, OnUpdateFilter<R> filter, BiPredicate<R, P> means) {
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(type, primary)
            .withName(HasMetadata.getPlural(type))
            .withSecondaryToPrimaryMapper(
                resource ->
                    context
                        .getPrimaryCache()
                        .list(resource.getMetadata().getNamespace())
                        .filter(one -> means.test(resource, one))
                        .map(ResourceID::fromResource)
                        .collect(Collectors.toSet()))
            .withOnUpdateFilter(filter)
            .withNamespacesInheritedFromController()
            .build(),
        context);
  }

  /** One of a kind, whoever has made it; nothing if informers show none of that name. */
  @SuppressWarnings("unchecked") // Each is made above.
  public static <R extends HasMetadata, P extends HasMetadata> Optional<R> known(
      String namespace, String name, Class<R> type, Context<P> context) {
    return ((InformerEventSource<R, P>) context.eventSourceRetriever().getEventSourceFor(type))
        .get(new ResourceID(name, namespace));
  }

  /**
   * All of a kind in a namespace, from the informer itself: JOSDK's index has only what was seen
   * after the controller's own resource.
   */
  @SuppressWarnings("unchecked") // Each is made above.
  public static <R extends HasMetadata, P extends HasMetadata> Stream<R> in(
      String namespace, Class<R> type, Context<P> context) {
    return ((InformerEventSource<R, P>) context.eventSourceRetriever().getEventSourceFor(type))
        .list(namespace, _ -> true);
  }
}
