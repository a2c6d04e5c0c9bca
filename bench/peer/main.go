// Command peer is what Drydock is measured beside (P4 to P6): a controller as controller-runtime makes them, with ten
// workers, leader election, caches and metrics. It gives each NotificationChannel a Ready status, once.
package main

import (
	"context"
	"os"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

var group = schema.GroupVersion{Group: "drydock.dev", Version: "v1alpha1"}

type notificationChannel struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              spec   `json:"spec"`
	Status            status `json:"status,omitempty"`
}

type spec struct {
	MinSeverity  string   `json:"minSeverity,omitempty"`
	GroupWait    string   `json:"groupWait,omitempty"`
	MaxPerMinute int      `json:"maxPerMinute,omitempty"`
	Verify       string   `json:"verify,omitempty"`
	Webhook      *webhook `json:"webhook,omitempty"`
}

type webhook struct {
	URL string `json:"url"`
}

type status struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
	Type               string             `json:"type,omitempty"`
	Failed             int                `json:"failed"`
}

type notificationChannelList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []notificationChannel `json:"items"`
}

func (c *notificationChannel) DeepCopyObject() runtime.Object {
	copied := *c
	c.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	if c.Spec.Webhook != nil {
		where := *c.Spec.Webhook
		copied.Spec.Webhook = &where
	}
	if c.Status.Conditions != nil {
		copied.Status.Conditions = append([]metav1.Condition{}, c.Status.Conditions...)
	}
	return &copied
}

func (l *notificationChannelList) DeepCopyObject() runtime.Object {
	copied := *l
	l.ListMeta.DeepCopyInto(&copied.ListMeta)
	copied.Items = make([]notificationChannel, len(l.Items))
	for i := range l.Items {
		copied.Items[i] = *l.Items[i].DeepCopyObject().(*notificationChannel)
	}
	return &copied
}

type reconciler struct {
	client.Client
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var channel notificationChannel
	if err := r.Get(ctx, request.NamespacedName, &channel); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := channel.DeepCopyObject().(*notificationChannel).Status
	channel.Status.ObservedGeneration = channel.Generation
	channel.Status.Type = "webhook"
	meta.SetStatusCondition(&channel.Status.Conditions, metav1.Condition{
		Type:               "Ready",
		Status:             metav1.ConditionUnknown,
		Reason:             "NotUsedYet",
		Message:            "no message was sent yet; annotate the channel with drydock.dev/test=1 to send one",
		ObservedGeneration: channel.Generation,
	})
	if equality.Semantic.DeepEqual(before, channel.Status) {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{}, r.Status().Update(ctx, &channel)
}

func run() error {
	types := runtime.NewScheme()
	types.AddKnownTypeWithName(group.WithKind("NotificationChannel"), &notificationChannel{})
	types.AddKnownTypeWithName(group.WithKind("NotificationChannelList"), &notificationChannelList{})
	metav1.AddToGroupVersion(types, group)
	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme:                        types,
		LeaderElection:                true,
		LeaderElectionID:              "peer",
		LeaderElectionNamespace:       "drydock-system",
		LeaderElectionReleaseOnCancel: true,
		Metrics:                       server.Options{BindAddress: "127.0.0.1:0"},
		HealthProbeBindAddress:        "127.0.0.1:0",
	})
	if err != nil {
		return err
	}
	if err := ctrl.NewControllerManagedBy(manager).
		For(&notificationChannel{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: 10}).
		Complete(&reconciler{manager.GetClient()}); err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func main() {
	ctrl.SetLogger(zap.New())
	if err := run(); err != nil {
		ctrl.Log.Error(err, "ended")
		os.Exit(1)
	}
}
